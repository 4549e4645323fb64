// A form for an authority's site: <script src="https://…/widget.js" data-key="wgt_…"></script><otklik-widget></otklik-widget>
// In a shadow of its own: the site's styles do not reach in, ours not out. It takes on the site's look by CSS variables:
// --otklik-accent, --otklik-on-accent, --otklik-ink, --otklik-paper, --otklik-line, --otklik-danger, --otklik-radius, --otklik-font.
(() => {
  const script = document.currentScript;
  const home = new URL(script?.src || location.href).origin;
  const scriptKey = script?.dataset.key || "";
  const STYLE = `
    :host { display: block; max-width: 40rem; color: var(--otklik-ink, #16202c); background: var(--otklik-paper, #fff);
      font: 1rem/1.5 var(--otklik-font, system-ui, sans-serif); border: 1px solid var(--otklik-line, #7b8794); border-radius: var(--otklik-radius, 10px); padding: 1rem; }
    :host([hidden]) { display: none; }
    * { box-sizing: border-box; font: inherit; }
    h2 { font-size: 1.25rem; font-weight: 700; margin: 0 0 .75rem; }
    h2:focus { outline: none; }
    label { display: block; margin: 0 0 .75rem; font-weight: 600; }
    input, textarea, select { display: block; width: 100%; min-height: 2.75rem; margin-top: .25rem; padding: .5rem .75rem; font-weight: 400; color: inherit;
      background: transparent; border: 1px solid var(--otklik-line, #7b8794); border-radius: var(--otklik-radius, 10px); }
    option { color: #16202c; }
    button { min-height: 2.75rem; padding: .5rem 1.25rem; font-weight: 600; cursor: pointer; color: var(--otklik-on-accent, #fff); background: var(--otklik-accent, #1d5fd1);
      border: 1px solid transparent; border-radius: var(--otklik-radius, 10px); }
    button[aria-disabled=true] { opacity: .6; }
    :focus-visible { outline: 3px solid var(--otklik-accent, #0b3c91); outline-offset: 2px; }
    a { color: var(--otklik-accent, #174ea8); }
    p { margin: 0 0 .75rem; }
    .fault { color: var(--otklik-danger, #b3241c); font-weight: 600; }
    .notice { padding: .75rem; border: 2px solid var(--otklik-danger, #b3241c); border-radius: var(--otklik-radius, 10px); font-weight: 600; }
    .code { font: 700 1.25rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
    .small { font-size: .875rem; }`;
  const WORDS = {
    "form-token-refused": "Форма устарела. Ничего не потеряно: отправьте ещё раз.",
    "form-token-spent": "Обращение уже отправлено.",
    "too-many-requests": "Слишком много обращений подряд. Подождите минуту и отправьте ещё раз.",
    invalid: "Напишите, что случилось, и проверьте заполненные поля.",
  };
  const LOST = "Связь прервалась. Ничего не потеряно: отправьте ещё раз.";

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const labelled = (words, input) => make("label", {}, words, input);

  async function findProof(token, bits) {
    if (!crypto.subtle) return undefined;
    const encoder = new TextEncoder();
    for (let count = 0; ; count++) {
      const proof = count.toString(36);
      const digest = new DataView(await crypto.subtle.digest("SHA-256", encoder.encode(`${token}:${proof}`)));
      if (Math.clz32(digest.getUint32(0)) >= bits) return proof;
    }
  }

  class OtklikWidget extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const shadow = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      shadow.adoptedStyleSheets = [sheet];
      this.lang ||= "ru";
      this.key = this.getAttribute("key") || scriptKey;
      this.open();
    }

    async ask(path, options) {
      const answer = await fetch(`${home}/api/v1/widget/${encodeURIComponent(this.key)}${path}`, { credentials: "omit", ...options });
      const said = await answer.json();
      if (!answer.ok) throw Object.assign(new Error(String(answer.status)), { slug: String(said.type).split("/").pop() });
      return said;
    }

    async renew() {
      this.form = await this.ask("");
      this.proof = findProof(this.form.form_token, this.form.proof.bits);
    }

    async open() {
      this.show(make("p", { role: "status" }, "Загружаем форму…"));
      try {
        await this.renew();
        this.showForm();
      } catch {
        const again = make("button", { type: "button" }, "Повторить");
        again.addEventListener("click", () => this.open());
        this.show(make("p", { role: "alert" }, "Форма сейчас недоступна."), again);
      }
    }

    show(...elements) {
      this.shadowRoot.replaceChildren(...elements);
    }

    showForm() {
      const { title, topics } = this.form;
      const choice = make("select", { name: "topic" }, make("option", { value: "" }, "Не знаю"));
      for (const { code, name } of topics) choice.append(make("option", { value: code }, name));
      const button = make("button", {}, "Отправить");
      const fault = make("p", { class: "fault", role: "alert" });
      const form = make(
        "form",
        {},
        labelled("Что случилось?", make("textarea", { name: "text", rows: 5, maxlength: 10000, required: "" })),
        make("p", { class: "small" }, "Угроза жизни – сразу звоните ", make("a", { href: "tel:112" }, "112"), "."),
        labelled("Адрес или место", make("input", { name: "address", maxlength: 500, autocomplete: "street-address" })),
        ...(topics.length ? [labelled("Тема (можно не выбирать)", choice)] : []),
        labelled("Имя (не обязательно)", make("input", { name: "name", maxlength: 254, autocomplete: "name" })),
        labelled("Телефон (не обязательно)", make("input", { name: "phone", type: "tel", maxlength: 254, autocomplete: "tel" })),
        labelled("Почта (не обязательно)", make("input", { name: "email", type: "email", maxlength: 254, autocomplete: "email" })),
        fault,
        button,
      );
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (button.ariaDisabled !== "true") this.send(form, button, fault);
      });
      this.show(make("h2", {}, title), form);
    }

    async send(form, button, fault) {
      button.ariaDisabled = "true";
      fault.textContent = "";
      const written = Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
      const { text, topic, address, ...applicant } = written;
      try {
        const body = { form_token: this.form.form_token, proof: await this.proof, text, topic, address };
        if (Object.keys(applicant).length) body.applicant = applicant;
        const headers = { "Content-Type": "application/json" };
        this.showReceipt(await this.ask("/appeals", { method: "POST", headers, body: JSON.stringify(body) }));
      } catch ({ slug }) {
        fault.textContent = slug ? WORDS[slug] || "Обращение не отправлено. Попробуйте ещё раз." : LOST;
        if (slug === "form-token-refused") await this.renew().catch(() => {});
        button.ariaDisabled = "false";
      }
    }

    showReceipt({ number, tracking_code: code, notice }) {
      const title = make("h2", { tabindex: -1 }, "Обращение принято");
      const again = make("button", { type: "button" }, "Написать ещё одно");
      again.addEventListener("click", () => this.open());
      this.show(
        title,
        ...(notice ? [make("p", { class: "notice", role: "alert" }, notice)] : []),
        make("p", {}, `Номер: ${number}`),
        make("p", {}, "Код для отслеживания – сохраните его:"),
        make("p", { class: "code" }, code),
        make("p", {}, make("a", { href: `${home}/track/${code}`, target: "_blank", rel: "noopener" }, "Следить за обращением")),
        again,
      );
      title.focus();
      this.dispatchEvent(new CustomEvent("otklik-sent", { detail: { number }, bubbles: true, composed: true }));
    }
  }
  if (!customElements.get("otklik-widget")) customElements.define("otklik-widget", OtklikWidget);
})();
