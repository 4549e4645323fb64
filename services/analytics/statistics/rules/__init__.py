"""From rows to findings. `messages` is what two processes say to each other; the rest needs numpy and is for the child."""
