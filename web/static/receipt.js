// The receipt: printing, copying the link. The draft has gone out and is kept no longer.
try {
  sessionStorage.removeItem("otklik draft");
} catch {}
const print = document.querySelector("[data-print]");
print.hidden = false;
print.addEventListener("click", () => window.print());
const copy = document.querySelector("[data-copy]");
copy.hidden = !navigator.clipboard;
copy.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(copy.dataset.copy);
    copy.textContent = "Ссылка скопирована";
  } catch {
    copy.textContent = "Не получилось: перепишите код";
  }
});
