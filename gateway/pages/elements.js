// Building the page: elements, prose, and parts that are made when they are opened.

/** An element; `on…` attributes are listeners, children may be lists in lists, what is empty is left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return node;
}

/** A line of a description; words in backticks as code. */
export function inline(text) {
  return text
    .replace(/\s*\n\s*/g, " ")
    .split("`")
    .map((part, index) => (index % 2 ? el("code", {}, part) : part));
}

/** Paragraphs of a description. */
export function prose(text, kind) {
  return text.split(/\n\s*\n/).map(paragraph => el("p", { class: kind }, inline(paragraph)));
}

/** Something to open, filled by `build` when it is opened first. */
export function lazy(attributes, summary, build) {
  const node = el("details", attributes, el("summary", {}, summary));
  node.addEventListener("toggle", () => {
    if (node.open && node.children.length === 1) node.append(build());
  });
  return node;
}
