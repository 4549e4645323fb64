// Parts of a page that are loaded later, and the keys of the workplace. Pages work without any of it.

const own = { "X-Form-Key": document.body.dataset.formKey ?? "", "HX-Request": "true" };
const LOST = "Не загрузилось: нет связи. Повторите ещё раз.";

async function part(url, body) {
  const answer = await fetch(url, { method: body ? "POST" : "GET", body, headers: own });
  if (answer.headers.has("HX-Refresh")) location.reload();
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

function say(place, words) {
  const line = document.createElement("p");
  line.className = "notice warn";
  line.setAttribute("role", "alert");
  line.textContent = words;
  place.append(line);
}

async function fill(place) {
  if (place.dataset.loading) return;
  place.dataset.loading = "yes";
  const title = place.querySelector("summary");
  try {
    const html = await part(place.dataset.part);
    place.innerHTML = html;
    if (title) place.prepend(title);
  } catch {
    delete place.dataset.loading;
    place.querySelector(".notice")?.remove();
    say(place, LOST);
  }
}

for (const place of document.querySelectorAll("[data-part]")) {
  if ("now" in place.dataset) fill(place);
  else place.addEventListener("toggle", () => place.open && fill(place));
}

for (const form of document.querySelectorAll("[data-part-form]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    form.querySelector(".notice")?.remove();
    try {
      const shown = document.createElement("div");
      shown.innerHTML = await part(form.action, new URLSearchParams(new FormData(form)));
      form.replaceWith(shown);
    } catch {
      button.disabled = false;
      say(form, LOST);
    }
  });
}

// A template or a similar answer goes into the draft, where the cursor stands.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const field = document.querySelector("[data-answer]");
  if (!button || !field) return;
  const text = button.parentElement.querySelector("[data-text]").textContent;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// Keys: letters by their place on the keyboard, so that they are the same in both layouts; never inside fields.
const KEYS_OFF = "otklik-keys-off";
const dialog = document.querySelector("[data-keys]");
const turnedOn = document.querySelector("[data-keys-on]");
const entries = [...document.querySelectorAll("[data-entry]")];
const isOff = () => localStorage.getItem(KEYS_OFF) !== null;
const press = (name) => document.querySelector(`[data-key="${name}"]`)?.click();
const showKeys = () => dialog && !dialog.open && dialog.showModal();

function move(step) {
  if (!entries.length) return;
  const at = entries.findIndex((entry) => entry.closest("li").contains(document.activeElement));
  const next = entries[Math.min(Math.max(at + step, 0), entries.length - 1)];
  next.focus();
  next.closest("li").scrollIntoView({ block: "nearest" });
}

const KEYS = {
  KeyJ: () => move(1),
  KeyK: () => move(-1),
  KeyX: () => document.activeElement.closest?.("li")?.querySelector("[name=chosen]")?.click(),
  KeyN: () => press("next"),
  KeyA: () => press("accept"),
  KeyO: () => document.querySelector("[data-answer]")?.focus(),
};

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.matches("[data-answer]")) {
    event.preventDefault();
    target.form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || dialog?.open) return;
  if (target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) return;
  if (entries.length && (event.key === "ArrowDown" || event.key === "ArrowUp") && target.closest("[data-list]")) {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
    return;
  }
  if (isOff()) return;
  const act = event.key === "?" || (event.shiftKey && event.code === "Digit7") ? showKeys : event.shiftKey ? null : KEYS[event.code];
  if (!act) return;
  event.preventDefault();
  act();
});

const shower = document.querySelector("[data-show-keys]");
if (shower) {
  shower.hidden = false;
  shower.addEventListener("click", showKeys);
}
if (turnedOn) {
  turnedOn.checked = !isOff();
  turnedOn.addEventListener("change", () => {
    if (turnedOn.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "yes");
  });
}

const count = document.querySelector("[data-chosen-count]");
document.querySelector("[data-list]")?.addEventListener("change", () => {
  const chosen = document.querySelectorAll("[name=chosen]:checked").length;
  count.textContent = chosen ? `: ${chosen}` : "";
});
