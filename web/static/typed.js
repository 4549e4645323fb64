// What has been typed outlives a refusal, a lost line and the end of a session: it is kept from the moment it is sent until it
// has been taken, in this tab alone and for this person alone. Answers have drafts of their own (`data-draft`).

const KEPT = "otklik-typed";
const SENT = "otklik-sent";
const FIELDS = "textarea, input[type=text], input:not([type])";
const LEAVING = ["/sign-out", "/account/sign-out-everywhere"];
const { person, refused } = document.body.dataset;

function read() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    if (kept && (!person || kept.person === person)) return kept;
  } catch { /* nothing is kept, then */ }
  return { person, forms: {} };
}
function write(kept) {
  try {
    if (Object.keys(kept.forms).length) sessionStorage.setItem(KEPT, JSON.stringify(kept));
    else sessionStorage.removeItem(KEPT);
  } catch { /* full, or not to be had */ }
}
function drop(name) {
  const kept = read();
  delete kept.forms[name];
  write(kept);
}
// By where a form is sent to; a field of it may be called `action`, too.
const nameOf = (form) => new URL(form.getAttribute("action") ?? location.href, location.href).pathname;
const isKept = (each) => each.matches(FIELDS) && each.name && each.autocomplete !== "one-time-code";
// With the keys they are kept under: several fields of a form may have one name.
function fieldsOf(form) {
  const fields = [...form.elements].filter(isKept);
  return fields.map((field, place) => [`${field.name}.${fields.slice(0, place).filter(({ name }) => name === field.name).length}`, field]);
}

// Another page than a refusal has come: what was sent last is done. Who goes back has got no answer.
const sent = sessionStorage.getItem(SENT);
sessionStorage.removeItem(SENT);
const came = performance.getEntriesByType("navigation")[0]?.type;
if (sent && refused === undefined && came !== "back_forward") drop(sent);

// A page that brings what was typed itself is left as it is.
function restore() {
  const { forms } = read();
  for (const form of document.querySelectorAll("form[method=post]")) {
    for (const [key, field] of fieldsOf(form)) {
      const [before, typed] = forms[nameOf(form)]?.[key] ?? [];
      if (typed === undefined || field.value !== before || field.defaultValue !== before) continue;
      field.value = typed;
      for (let each = field.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
    }
  }
}
if (person) {
  write(read());
  restore();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post" || !person) return;
  const name = nameOf(form);
  if (LEAVING.includes(name)) return sessionStorage.removeItem(KEPT);
  const byHtmx = form.hasAttribute("hx-post");
  if (form.hasAttribute("data-draft") || (event.defaultPrevented && !byHtmx)) return;
  const typed = fieldsOf(form).filter(([, field]) => field.value !== field.defaultValue);
  const kept = read();
  if (typed.length) kept.forms[name] = Object.fromEntries(typed.map(([key, { defaultValue, value }]) => [key, [defaultValue, value]]));
  write(kept);
  if (!byHtmx) sessionStorage.setItem(SENT, name);
});

// In a list the form stays where the act is refused; only a page that is loaded anew would lose what stands in it.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.matches("form") && ctx.hx.refresh !== "true") drop(nameOf(ctx.sourceElement));
});
