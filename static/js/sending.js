// What every request carries: the token of the sign-in of now, and whose page it was. Signing in again in another window
// changes the token, while a page that stays open holds the old one; and somebody else may have signed in meanwhile.
(() => {
  "use strict";
  const body = document.body;
  const token = () => {
    const cookie = document.cookie.split("; ").find((pair) => /^(__Host-)?csrf=/.test(pair));
    return cookie ? cookie.split("=")[1] : JSON.parse(body.getAttribute("hx-headers"))["X-CSRFToken"];
  };
  const headers = () => ({ "X-CSRFToken": token(), ...(body.dataset.person && { "X-Person": body.dataset.person }) });
  const put = (form, name, value) => {
    let field = form.querySelector(`input[name="${name}"]`);
    if (!field) {
      field = Object.assign(document.createElement("input"), { type: "hidden", name });
      form.append(field);
    }
    field.value = value;
  };
  // Fields of a form that is read as it stands; the old token in it would go before the header.
  const formData = (form, pressed) => {
    const data = new FormData(form, pressed);
    if (data.has("csrfmiddlewaretoken")) data.set("csrfmiddlewaretoken", token());
    return data;
  };

  // Before anybody else hears of it.
  document.addEventListener("submit", ({ target }) => {
    if (target.getAttribute("method") !== "post" || !target.querySelector("[name=csrfmiddlewaretoken]")) return;
    put(target, "csrfmiddlewaretoken", token());
    if (body.dataset.person && !target.querySelector("[name=sent_by]")) put(target, "sent_by", body.dataset.person);
  }, { capture: true });
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    Object.assign(detail.headers, headers());
    if (detail.parameters.csrfmiddlewaretoken) detail.parameters.csrfmiddlewaretoken = token();
  });

  window.sending = { headers, formData };
})();
