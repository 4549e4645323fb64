"""Charts and maps as SVG, by pure functions: the same picture on a page and on paper. Colours are classes of `pictures.css`; every
picture says in words what it shows, and stands beside a table of its numbers."""
