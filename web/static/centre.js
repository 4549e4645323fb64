// Working through lists by single keys. Letters are commands outside fields only and can be turned off.

const stored = "otklik-centre-keys";
const dialog = document.getElementById("keys");
const toggle = dialog?.querySelector("[data-keys-on]");
const opener = document.querySelector("[data-keys-open]");
const read = () => {
  try { return localStorage.getItem(stored) !== "off"; } catch { return true; }
};
let on = read();
if (toggle) {
  toggle.checked = on;
  toggle.addEventListener("change", () => {
    on = toggle.checked;
    try { localStorage.setItem(stored, on ? "on" : "off"); } catch { /* only for this page, then */ }
  });
}
if (opener) {
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
}

const items = () => [...document.querySelectorAll("[data-item]")];
const focused = () => document.activeElement?.closest("[data-item]");
function focus(item) {
  if (!item) return;
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}
function step(by) {
  const all = items();
  const at = all.indexOf(focused());
  focus(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
}
function press(key) {
  const target = (focused() ?? items()[0])?.querySelector(`[data-key="${key}"]`);
  if (!target) return false;
  if (target.tagName === "SUMMARY") {
    target.parentElement.open = true;
    target.parentElement.querySelector("input:not([type=hidden]), textarea")?.focus();
  } else {
    target.click();
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (field && event.key === "Escape") {
    focus(field.closest("[data-item]"));
    return;
  }
  if (field || dialog?.open || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.target.matches("[data-item]")) {
    event.target.querySelector("[data-open]")?.click();
    return;
  }
  if (!on || event.repeat && !"jkок".includes(event.key)) return;
  // The same keys whatever layout is on: a Russian keyboard gives о for j.
  const key = { KeyJ: "j", KeyK: "k", KeyY: "y", KeyN: "n", KeyX: "x" }[event.code] ?? event.key;
  if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (event.key === "?") dialog?.showModal();
  else if (event.key === "/") location.assign("/centre/search#q");
  else if (!/^[ynx1-9]$/.test(key) || !press(key)) return;
  event.preventDefault();
});

if (location.hash === "#q") document.getElementById("q")?.focus();

// What has been done leaves its place to a line that says so; work goes on with the next.
document.addEventListener("htmx:after:swap", () => {
  const done = document.querySelector("[data-done]:not([data-seen])");
  if (!done) return;
  done.dataset.seen = "yes";
  const next = items().slice(items().indexOf(done) + 1).find((item) => !("done" in item.dataset));
  focus(next ?? done);
});

// What did not come from our pages, or did not come at all, is said inside its entry, whose form stays as it was.
const REFUSALS = {
  413: "Слишком большой файл или текст.",
  429: "Слишком много запросов подряд. Подождите минуту и повторите.",
};
function sayInside(source, words) {
  const line = document.createElement("p");
  line.className = "notice warn";
  line.setAttribute("role", "alert");
  line.textContent = words;
  source?.closest("[data-item]")?.querySelector("[id^='w-']")?.replaceChildren(line);
}
document.addEventListener("htmx:before:response", (event) => {
  const { response, sourceElement } = event.detail.ctx;
  if (response.headers.get("content-type")?.startsWith("text/html")) return;
  event.preventDefault();
  sayInside(sourceElement, REFUSALS[response.status] ?? "Система сейчас недоступна. Подождите немного и повторите.");
});
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx && !ctx.response) sayInside(ctx.sourceElement, "Нет связи: не сделано. Повторите, когда связь вернётся.");
});
