// Ctrl+Enter signs, on pages whose form says so.
(() => {
  "use strict";
  const form = document.querySelector("form[data-sign-keys]");
  document.addEventListener("keydown", (event) => {
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
})();
