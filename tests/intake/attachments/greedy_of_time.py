"""A reader of files that wants all the time there is."""

import resource

from services.intake.attachments.process import limit

if __name__ == "__main__":
    limit()
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    while True:
        pass
