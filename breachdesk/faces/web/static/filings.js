// The filing day: copy, tick, go on. Ticks lie on the desk; without this script a button keeps them.
"use strict";

(() => {
  const { writing: words } = JSON.parse(document.body.dataset.words);
  const forms = [...document.querySelectorAll("form[data-tick]")];
  const waiting = new Set(); // ticks that the desk has not taken yet
  const count = document.getElementById("ticked");

  const show = () => {
    const done = forms.filter((form) => form.elements.copied.checked).length;
    count.textContent = `${count.dataset.of} ${done} / ${forms.length}`;
  };
  // A session that ended and began again has other tokens: take them, and go on.
  const renew = async () => {
    const answer = await fetch("/writing", { headers: { "HX-Request": "true" }, redirect: "error" });
    if (answer.ok) {
      const { token } = await answer.json();
      for (const field of document.querySelectorAll("input[name=csrf_token]")) { field.value = token; }
    }
    return answer.ok;
  };
  const post = (form) => fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" }, redirect: "manual" });
  const say = (form, text) => {
    const state = form.querySelector("[data-state]");
    state.textContent = text;
    state.classList.toggle("is-bad", Boolean(text));
  };
  const send = async (form) => {
    waiting.add(form);
    try {
      let answer = await post(form);
      if ((answer.status === 400 || answer.status === 401) && await renew()) { answer = await post(form); }
      if (answer.type === "opaqueredirect" || answer.ok) {
        waiting.delete(form);
        say(form, "");
      } else {
        say(form, words.ended);
      }
    } catch {
      say(form, words.offline);
    }
  };
  const again = () => { if (!document.hidden) { waiting.forEach(send); } };
  window.addEventListener("focus", again);
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", again);

  for (const form of forms) {
    form.querySelector("[data-without-script]").hidden = true;
    form.elements.copied.addEventListener("change", () => { show(); send(form); });
  }
  const copies = [...document.querySelectorAll(".form-row [data-copy]")];
  copies.forEach((button, index) => button.addEventListener("desk:copied", () => {
    const form = button.parentElement.querySelector("form[data-tick]");
    if (!form.elements.copied.checked) {
      form.elements.copied.checked = true;
      show();
      send(form);
    }
    setTimeout(() => copies[index + 1]?.focus(), 0);
  }));
  for (const field of document.querySelectorAll("textarea[data-limit]")) {
    const shown = field.parentElement.querySelector("[data-count]");
    const pattern = shown.textContent;
    field.addEventListener("input", () => {
      const number = new Intl.NumberFormat(document.documentElement.lang);
      shown.textContent = pattern.replace(/^[\d\s\u202f\u00a0,.]+/u, `${number.format(field.value.length)} `);
      shown.classList.toggle("is-bad", field.value.length > Number(field.dataset.limit));
    });
  }
  show();
})();
