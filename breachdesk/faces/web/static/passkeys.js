// Lets a device's own key answer. Without it, or without script, codes and passwords do.
"use strict";

(() => {
  const able = window.PublicKeyCredential?.parseRequestOptionsFromJSON && navigator.credentials;

  const ask = async (form) => {
    const sent = new FormData();
    sent.set("csrf_token", form.elements.csrf_token.value);
    const answer = await fetch(form.dataset.options, { method: "POST", body: sent });
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    const options = await answer.json();
    return form.dataset.passkey === "new"
      ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = !able;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const credential = await ask(form);
        form.elements.answer.value = JSON.stringify(credential.toJSON());
        form.submit();
      } catch {
        form.querySelector("[role=alert]").textContent = form.dataset.refused;
      }
    });
  }
})();
