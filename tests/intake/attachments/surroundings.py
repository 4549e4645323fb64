"""What a child process finds around it."""

import os

if __name__ == "__main__":
    print(dict(os.environ))
