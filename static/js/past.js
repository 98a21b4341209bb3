// [Today] and [Yesterday] beside the date of a past session. The date field alone does as well.
(() => {
  "use strict";
  const days = document.querySelector("[data-days]");
  const field = document.getElementById("id_day");
  if (!days || !field) return;
  days.hidden = false;
  days.addEventListener("click", (event) => {
    const button = event.target.closest("[data-day]");
    if (!button) return;
    field.value = button.dataset.day;
    document.getElementById("id_starts").focus();
  });
})();
