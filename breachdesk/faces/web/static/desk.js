// Makes what the server wrote go on: countdowns run, values can be copied. Without it, all works.
"use strict";

(() => {
  const words = JSON.parse(document.body.dataset.words);
  const shownAt = performance.now();
  const servedAt = Date.parse(document.body.dataset.now);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const SOON = 24 * 60;

  // The server's clock counts, not this machine's: only the time since the page came is measured here.
  const now = () => servedAt + (performance.now() - shownAt);

  const span = (minutes) => {
    const hours = Math.floor(minutes / 60);
    if (hours >= 100) {
      return words.days.replace("{d}", number.format(Math.floor(hours / 24))).replace("{h}", hours % 24);
    }
    if (hours) {
      return words.hours.replace("{h}", hours).replace("{m}", String(minutes % 60).padStart(2, "0"));
    }
    return words.minutes.replace("{m}", minutes);
  };

  const tick = () => {
    for (const shown of document.querySelectorAll("[data-due]")) {
      const left = (Date.parse(shown.dataset.due) - now()) / 60000;
      const minutes = Math.floor(Math.abs(left));
      const text = words[left < 0 ? "late" : "left"].replace("{span}", span(minutes));
      if (shown.textContent !== text) {
        shown.textContent = text;
        const row = shown.closest(".is-open, .is-soon, .is-late");
        row?.classList.toggle("is-late", left < 0);
        row?.classList.toggle("is-soon", left >= 0 && minutes < SOON);
      }
    }
  };

  setInterval(tick, 10000);
  document.addEventListener("visibilitychange", tick);

  // Parts of a page that ask for themselves again: not while nobody looks. What changed is told
  // at once; it is put in place only where it takes nothing from under somebody's hands.
  const TYPING = "input:not([type=hidden]), textarea, select";
  const typed = (field) => (field.type === "checkbox" || field.type === "radio"
    ? field.checked !== field.defaultChecked : "defaultValue" in field && field.value !== field.defaultValue);
  const busy = (part) => {
    const held = document.activeElement;
    return part.contains(held) && held !== part && (!held.id || held.matches(TYPING))
      || [...part.querySelectorAll(TYPING)].some(typed);
  };
  const isLive = (part) => part?.dataset && "live" in part.dataset;
  document.addEventListener("htmx:configRequest", (event) => {
    if (isLive(event.target)) {
      event.detail.headers["Desk-Live"] = "yes";
    }
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isLive(event.target) && document.hidden) {
      event.preventDefault();
    }
  });
  const tell = (part, says, before) => {
    if (says && says !== before) {
      document.getElementById("said").textContent = says;
    }
    for (const shown of document.querySelectorAll(`[data-follows="${part.id}"]`)) {
      shown.textContent = part.dataset.short ?? says ?? "";
    }
  };
  let open = [];
  let told = "";
  let held = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    told = part.dataset?.said;
    if (isLive(part) && event.detail.shouldSwap && busy(part)) {
      event.detail.shouldSwap = false;
      const come = new DOMParser().parseFromString(event.detail.serverResponse, "text/html").querySelector("[data-said]");
      if (come) {
        Object.assign(part.dataset, { said: come.dataset.said, ...(come.dataset.short && { short: come.dataset.short }) });
        tell(part, come.dataset.said, told);
      }
      return;
    }
    open = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
    held = isLive(part) && part.contains(document.activeElement);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    for (const id of open) {
      document.getElementById(id)?.setAttribute("open", "");
    }
    open = [];
    if (held && document.activeElement === document.body) { // what had the focus is gone
      event.target.tabIndex = -1;
      event.target.focus({ preventScroll: true });
    }
    held = false;
    tell(event.target, event.target.dataset?.said, told);
    tick();
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) {
      document.getElementById("said").textContent = words.writing.ended;
      event.target.removeAttribute?.("hx-trigger");
    }
  });

  // On a phone the names of the pages are scrolled: the present one is in sight.
  document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // What could not be used is read first, by whoever sees it and whoever hears it.
  const wrong = document.querySelector("main .problem-box[role=alert]");
  if (wrong) {
    wrong.tabIndex = -1;
    wrong.focus();
  }

  // A form goes once: a second click at night must not log a second incident.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "post") {
      if (form.dataset.sent) {
        event.preventDefault();
      }
      form.dataset.sent = "yes";
    }
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) {
      delete form.dataset.sent;
    }
  });

  // Who listens for "desk:copied" hears it once the text is on the clipboard, by the button or,
  // where a browser lets no page write there (plain http on another machine), by the hand.
  const copying = (part) => part.querySelectorAll?.("[data-copy]").forEach((button) => {
    const source = document.getElementById(button.dataset.copy);
    const before = button.textContent;
    const done = () => {
      source.removeEventListener("copy", done);
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = before; }, 2000);
      button.dispatchEvent(new CustomEvent("desk:copied"));
    };
    button.hidden = false;
    button.onclick = async () => {
      try {
        await navigator.clipboard.writeText(source.textContent);
        done();
      } catch {
        getSelection().selectAllChildren(source);
        source.addEventListener("copy", done);
        button.textContent = words.writing.press;
        document.getElementById("said").textContent = words.writing.by_hand;
      }
    };
  });
  copying(document);
  document.addEventListener("htmx:afterSettle", (event) => copying(event.target));
})();
