// A real headquarters, a real terminal served on loopback and Debian's Chromium in front of both.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsQR from 'jsqr';
import { chromium } from 'playwright-core';
import { PNG } from 'pngjs';
import { end, openHouse, patience_ms, root, terminalProgram, until } from '../window/house.mjs';

export { officers, root, until } from '../window/house.mjs';
export { end };

export const wide = { width: 1280, height: 800 };
export const small = { width: 1024, height: 600 };
export const phone = { width: 390, height: 844 };

const browserProgram = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync) ?? '/usr/bin/chromium';
const browserArguments = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb'];

/** Starts everything; `stage.close()` ends what was started here and nothing else. */
export async function openStage() {
  const house = await openHouse();
  const stage = { house, complaints: [], address: '', terminal: null, browser: null };
  stage.close = async (options) => {
    await stage.browser?.close().catch(() => {});
    await end(stage.terminal);
    await house.close(options);
  };
  try {
    await serveTerminal(stage);
    stage.browser = await chromium.launch({
      executablePath: browserProgram,
      headless: true,
      args: browserArguments,
    });
    stage.officers = await officersPage(stage);
  } catch (error) {
    await stage.close({ keep: true });
    error.message += `\n(see ${house.dir})`;
    throw error;
  }
  return stage;
}

async function serveTerminal(stage) {
  const { dir, terminalData } = stage.house;
  const said = join(dir, 'terminal.address');
  stage.terminal = spawn(terminalProgram, ['--data', terminalData, '--test-sources', '--serve', '127.0.0.1:0'], {
    cwd: root,
    stdio: ['ignore', openSync(said, 'w'), openSync(join(dir, 'terminal.log'), 'a')],
  });
  stage.address = await until('the terminal to serve', () => {
    if (stage.terminal.exitCode !== null) throw new Error(`it ended with ${stage.terminal.exitCode}`);
    return /^http:\S+/m.exec(readFileSync(said, 'utf8'))?.[0];
  });
}

/** The officers' page. The token opens the terminal once, so there is one such page. */
async function officersPage(stage) {
  const context = await stage.browser.newContext({ viewport: wide, locale: 'zh-CN', hasTouch: true });
  context.setDefaultTimeout(patience_ms);
  context.on('page', (page) => listen(stage, page));
  const page = await context.newPage();
  await page.goto(stage.address);
  return page;
}

/** A page of somebody else: the console's user, or a passer-by with a phone. */
export async function strangersPage(stage, options = {}) {
  const context = await stage.browser.newContext({ viewport: wide, locale: 'zh-CN', ...options });
  context.setDefaultTimeout(patience_ms);
  context.on('page', (page) => listen(stage, page));
  return context.newPage();
}

export const phonePage = (stage) =>
  strangersPage(stage, { viewport: phone, deviceScaleFactor: 2, isMobile: true, hasTouch: true });

/** A refusal is an answer, and a preview page after the last one does not exist: the browser calls both errors. */
const isAnswer = (address) => /\/rpc\/|\/upload\/|\/preview\/\d+\.svg|\/recording\/preview\.jpg/.test(address);

/** Collects what no screen may do: errors on the console, requests to other hosts. */
function listen(stage, page) {
  page.on('pageerror', (error) => stage.complaints.push(`threw ${error.message}`));
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    const { url } = message.location();
    if (/^Failed to load resource/.test(message.text()) && isAnswer(url)) return;
    stage.complaints.push(`console ${message.type()}: ${message.text()} (${url})`);
  });
  const own = () => [new URL(stage.address).host, new URL(stage.house.url).host];
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    const isForeign = /^(https?|wss?):$/.test(protocol) && !own().includes(host);
    if (isForeign) stage.complaints.push(`asked ${request.url()}`);
  });
}

const pictures = join(root, 'out/screens');

/** Keeps what the screen shows in both sizes; `tall` adds one that shows a long page at once. */
export async function keepPicture(page, name, { tall = false, sizes = { wide, small } } = {}) {
  mkdirSync(pictures, { recursive: true });
  const before = page.viewportSize();
  const all = tall ? { ...sizes, tall: { width: 1280, height: 2200 } } : sizes;
  for (const [size, viewport] of Object.entries(all)) {
    await page.setViewportSize(viewport);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.screenshot({ path: join(pictures, `${name}-${size}.png`) });
  }
  await page.setViewportSize(before);
}

/** Reads the code from the whole screen, as a phone would. */
export async function scan(page) {
  await page.locator('.qr svg').first().waitFor();
  const png = PNG.sync.read(await page.screenshot());
  return jsQR(new Uint8ClampedArray(png.data), png.width, png.height)?.data ?? null;
}

/** Calls the core as the page itself would. */
export function call(page, name, payload = {}) {
  return page.evaluate(
    async ([command, body]) => {
      const response = await fetch(`/rpc/${command}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return response.json();
    },
    [name, payload],
  );
}
