"""Reading: decisions (`decisions`), the weeks they are judged by (`weeks`), the problems they answer (`problems`),
what reference data know of them (`references`)."""
