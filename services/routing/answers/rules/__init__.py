"""Pure: what an answer is checked for, when it is reviewed, what makes two texts alike."""
