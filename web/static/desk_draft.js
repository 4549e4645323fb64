// The draft of an answer: kept in this browser until it is sent, checked while it is written; and the reservation, which
// goes on as long as somebody works on the page.

const DAYS = 7;
const PREFIX = "otklik-draft:";
const form = document.querySelector("[data-draft]");
const own = { "X-Form-Key": document.body.dataset.formKey ?? "", "HX-Request": "true" };

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? null;
  } catch {
    return null;
  }
}

for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
  const kept = read(key);
  if (!kept || Date.now() - kept.at > DAYS * 86400000) localStorage.removeItem(key);
}

// What has been sent needs no draft any more; nor has who leaves any.
const sent = document.querySelector("[data-sent]")?.dataset.sent;
if (sent) {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX) && key.endsWith(sent)) localStorage.removeItem(key);
  // Once only: loaded anew, the page would take the next draft of the same appeal.
  const here = new URL(location.href);
  here.searchParams.delete("sent");
  history.replaceState(history.state, "", here);
}
document.querySelector('form[action="/sign-out"]')?.addEventListener("submit", () => {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
});

if (form) {
  const key = PREFIX + form.dataset.draft;
  const text = form.elements.text;
  const line = form.querySelector("[data-line]");
  const note = form.querySelector("[data-draft-note]");
  let sending = false;

  const kept = read(key);
  if (kept && !text.value && kept.text) {
    text.value = kept.text;
    if (kept.outcome) form.elements.outcome.value = kept.outcome;
    form.elements.promised_on.value = kept.promised_on ?? "";
    if (note) note.hidden = false;
  }
  note?.querySelector("[data-draft-drop]").addEventListener("click", () => {
    localStorage.removeItem(key);
    text.value = "";
    note.hidden = true;
    text.focus();
  });

  const keep = () => {
    const draft = { at: Date.now(), text: text.value, outcome: form.elements.outcome.value, promised_on: form.elements.promised_on.value };
    if (draft.text) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
  };

  const say = (words) => {
    if (!line) return;
    line.textContent = words;
    line.hidden = !words;
  };

  let waiting;
  let asked;
  const check = async () => {
    if (!form.dataset.check || sending) return;
    asked?.abort();
    asked = new AbortController();
    try {
      const body = new URLSearchParams({ text: text.value, outcome: form.elements.outcome.value, promised_on: form.elements.promised_on.value });
      const answer = await fetch(form.dataset.check, { method: "POST", body, headers: own, signal: asked.signal });
      if (answer.headers.has("HX-Refresh")) {
        say("Сеанс завершён. Черновик сохранён: обновите страницу и войдите снова.");
      } else if (answer.ok) {
        form.querySelector("[data-checks]").innerHTML = await answer.text();
        say("");
      }
    } catch (error) {
      if (error.name !== "AbortError") say("Нет связи. Черновик сохранён в этом браузере, можно писать дальше.");
    }
  };
  const later = () => {
    keep();
    clearTimeout(waiting);
    waiting = setTimeout(check, 700);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", (event) => {
    keep();
    if (!navigator.onLine) {
      event.preventDefault();
      say("Нет связи: ответ не отправлен. Черновик сохранён, отправьте, когда связь вернётся.");
      return;
    }
    sending = true;
    clearTimeout(waiting);
    asked?.abort();
  });
  addEventListener("pageshow", () => (sending = false));
  addEventListener("online", () => text.value && check());
  if (text.value) check();
}

// The reservation goes on while the page is seen and used; its end is told before it comes.
const lease = document.querySelector("[data-lease]");
if (lease) {
  const IDLE = 5 * 60000;
  const TOLD_BEFORE = 60000;
  let until = Date.parse(lease.dataset.until);
  let used = Date.now();
  let told = false;
  for (const kind of ["keydown", "pointerdown", "scroll"]) addEventListener(kind, () => (used = Date.now()), { passive: true });

  const extend = async () => {
    try {
      const body = new URLSearchParams({ version: lease.dataset.version });
      const answer = await fetch(lease.dataset.keep, { method: "POST", body, headers: own });
      const next = answer.ok && answer.headers.get("content-type")?.includes("json") ? (await answer.json()).until : null;
      if (!next) return;
      until = Date.parse(next);
      told = false;
      lease.className = "notice";
      const shown = new Date(until).toLocaleTimeString("ru-RU", { hour: "2-digit", minute: "2-digit", timeZone: lease.dataset.zone || undefined });
      lease.textContent = `Обращение закреплено за вами до ${shown}.`;
    } catch {
      // Told when the time runs out.
    }
  };

  const tick = () => {
    const left = until - Date.now();
    if (left <= 0) {
      lease.className = "notice warn";
      lease.textContent = "Время, на которое обращение закреплено за вами, вышло. Черновик сохранён; обновите страницу, чтобы продолжить.";
      clearInterval(timer);
    } else if (document.visibilityState === "visible" && Date.now() - used < IDLE && left < 3 * TOLD_BEFORE) {
      extend();
    } else if (left < TOLD_BEFORE && !told) {
      told = true;
      lease.className = "notice warn";
      lease.textContent = "Закрепление кончается через минуту. ";
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Продлить";
      button.addEventListener("click", extend);
      lease.append(button);
    }
  };
  const timer = setInterval(tick, 10000);
}
