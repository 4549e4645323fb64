"""What is inside a file. Imported by the child process alone: these libraries take memory, and are what a hostile file aims at."""
