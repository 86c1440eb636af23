// Passkeys: asks the browser for one and sends its answer with the form. Without a script, one-time codes do the same.
(() => {
  const able = window.isSecureContext && window.PublicKeyCredential && navigator.credentials;

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

  function text(buffer) {
    let signs = "";
    for (const one of new Uint8Array(buffer)) signs += String.fromCharCode(one);
    return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }

  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  function asked(written) {
    const options = { ...JSON.parse(written) };
    options.challenge = bytes(options.challenge);
    if (options.user) options.user = { ...options.user, id: bytes(options.user.id) };
    if (options.allowCredentials) options.allowCredentials = named(options.allowCredentials);
    if (options.excludeCredentials) options.excludeCredentials = named(options.excludeCredentials);
    return options;
  }

  function answered(credential) {
    const { response } = credential;
    const sent = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      sent.attestationObject = text(response.attestationObject);
      sent.transports = response.getTransports ? response.getTransports() : [];
    } else {
      sent.authenticatorData = text(response.authenticatorData);
      sent.signature = text(response.signature);
    }
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: sent, clientExtensionResults: {} });
  }

  async function used(box, button) {
    const problem = box.querySelector("[data-passkey-problem]");
    const form = box.closest("form");
    problem.hidden = true;
    button.disabled = true;
    try {
      const publicKey = asked(box.dataset.options);
      const credential = await navigator.credentials[box.dataset.passkey]({ publicKey });
      box.querySelector("[data-passkey-answer]").value = answered(credential);
      form.noValidate = true;
      form.requestSubmit();
    } catch {
      problem.textContent = box.dataset.failed;
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  }

  function ready() {
    if (!able) return;
    for (const box of document.querySelectorAll("[data-passkey]")) box.hidden = false;
    for (const words of document.querySelectorAll("[data-passkey-unable]")) words.hidden = true;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-passkey-go]");
    if (button) used(button.closest("[data-passkey]"), button);
  });
  document.addEventListener("htmx:afterSwap", ready);
  ready();
})();
