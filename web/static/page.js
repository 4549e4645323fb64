// What every page does with scripts: forms are sent once, links of tokens fill their field.
// Pages work without any of it.

for (const field of document.querySelectorAll("[data-from-fragment]")) {
  const value = new URLSearchParams(location.hash.slice(1)).get(field.dataset.fromFragment);
  if (value) {
    field.value = value;
    history.replaceState(null, "", location.pathname + location.search);
  }
}

// A double click sends a form once; coming back by the browser's button makes it usable again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (button) setTimeout(() => button.setAttribute("aria-busy", "true"), 0);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});
