"""What routing knows of files: whose they are, and by which signs a photo is known again."""
