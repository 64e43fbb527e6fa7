/**
 * The small script behind a figure. It finds the hosts of its version that nobody draws yet, wherever the front end put it,
 * unpacks the runtime that one of them carries, and lets it draw them. If anything fails, the static views stay.
 */
(async () => {
  /** @type {any} */
  const page = window;
  /** @type {any[]} */
  const hosts = [...document.querySelectorAll('[data-ecco-key="__ECCO_KEY__"]')].filter(
    (/** @type {any} */ host) => !host.eccoClaimed,
  );
  const claim = (/** @type {boolean} */ claimed) => {
    for (const host of hosts) host.eccoClaimed = claimed;
  };
  const load = async () => {
    const packed = hosts.find((host) => host.dataset.eccoRt).dataset.eccoRt;
    const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    const script = document.createElement("script");
    script.textContent = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
    let mount;
    const take = (/** @type {any} */ event) => {
      mount = event.detail;
    };
    addEventListener("ecco-runtime", take, { once: true });
    document.head.append(script);
    script.remove();
    return mount;
  };
  claim(true);
  try {
    page.__ECCO_KEY__ ??= load();
    hosts.forEach(await page.__ECCO_KEY__);
  } catch (error) {
    page.__ECCO_KEY__ = null;
    claim(false);
    console.warn("ecco: the static view stays,", error);
  }
})();
