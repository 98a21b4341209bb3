// Passkeys: asks the browser for what the server asks for, and sends its answer in the form. Without a browser that can, the form stays hidden.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) =>
  buffer
    ? btoa(String.fromCharCode(...new Uint8Array(buffer)))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replaceAll("=", "")
    : undefined;

const readable = (options) => ({
  ...options,
  challenge: toBytes(options.challenge),
  ...(options.user && { user: { ...options.user, id: toBytes(options.user.id) } }),
  ...["allowCredentials", "excludeCredentials"].reduce(
    (lists, key) =>
      options[key] ? { ...lists, [key]: options[key].map((one) => ({ ...one, id: toBytes(one.id) })) } : lists,
    {},
  ),
});

const written = ({ rawId, type, response, authenticatorAttachment }) => ({
  id: toText(rawId),
  rawId: toText(rawId),
  type,
  authenticatorAttachment,
  clientExtensionResults: {},
  response: {
    clientDataJSON: toText(response.clientDataJSON),
    attestationObject: toText(response.attestationObject),
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    userHandle: toText(response.userHandle),
  },
});

async function ask(form) {
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
  });
  if (!answer.ok) throw new Error("refused");
  const publicKey = readable((await answer.json()).publicKey);
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
  form.elements.answer.value = JSON.stringify(written(credential));
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const state = form.querySelector("[data-passkey-state]");
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    state.textContent = "Waiting for your device …";
    try {
      await ask(form);
      form.requestSubmit();
    } catch {
      state.textContent = "No passkey was used. Press the button to try again.";
    }
  });
}
