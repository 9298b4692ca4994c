// The terminal's real window: a display of its own, tauri-driver, and the words an officer reads.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Builder, By, Capabilities } from 'selenium-webdriver';
import { end, keepPort, terminalProgram, until } from './house.mjs';

async function openDisplay(log) {
  const display = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', log, log, 'pipe'],
  });
  const failed = once(display, 'exit').then(() => Promise.reject(new Error('Xvfb ended at once')));
  const [number] = await Promise.race([once(display.stdio[3], 'data'), failed]);
  failed.catch(() => {});
  return { display, name: `:${String(number).trim()}` };
}

function driverProgram() {
  const installed = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin/tauri-driver');
  return existsSync(installed) ? installed : 'tauri-driver';
}

export async function openWindow(house, pictures) {
  const log = openSync(join(house.dir, 'window.log'), 'a');
  const { display, name } = await openDisplay(log);
  let driver;
  let browser;
  const close = async () => {
    await browser?.quit().catch(() => {});
    await end(driver);
    await end(display);
  };
  try {
    const kept = [await keepPort(), await keepPort()];
    const [port, nativePort] = kept.map((one) => one.port);
    for (const one of kept) await one.release();
    driver = spawn(driverProgram(), ['--port', `${port}`, '--native-port', `${nativePort}`], {
      env: { ...process.env, DISPLAY: name, WAYLAND_DISPLAY: '', GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1', LANG: 'C.UTF-8' },
      stdio: ['ignore', log, log],
    });
    const status = `http://127.0.0.1:${port}/status`;
    await until('tauri-driver', async () => (await fetch(status)).ok);
    const wanted = new Capabilities();
    wanted.setBrowserName('wry');
    wanted.set('tauri:options', {
      application: terminalProgram,
      args: ['--data', house.terminalData, '--test-sources'],
    });
    browser = await new Builder().withCapabilities(wanted).usingServer(`http://127.0.0.1:${port}/`).build();
  } catch (error) {
    await close();
    throw error;
  }

  const quoted = (text) => `'${text}'`;
  const shown = async (xpath) => {
    for (const element of await browser.findElements(By.xpath(xpath))) {
      if (await element.isDisplayed().catch(() => false)) return element;
    }
    return null;
  };
  let picture = 0;
  const page = {
    browser,
    close,
    element: (xpath, what = xpath) => until(what, () => shown(xpath)),
    /** Does it once: an element that a screen has just drawn anew is looked for again. */
    act: (xpath, what, act) =>
      until(what, async () => {
        const found = await shown(xpath);
        if (found) await act(found);
        return found;
      }),
    click: (xpath, what = xpath) => page.act(xpath, what, (found) => found.click()),
    text: (text) => page.element(`//*[not(self::script) and contains(text(), ${quoted(text)})]`, `the text ${text}`),
    press: (text) =>
      page.click(`(//button|//a)[contains(normalize-space(.), ${quoted(text)})]`, `the button ${text}`),
    async choose(group, option) {
      const within = `//fieldset[legend[starts-with(normalize-space(.), ${quoted(group)})]]`;
      await page.click(`${within}//label[normalize-space(.)=${quoted(option)}]`, `${group}: ${option}`);
    },
    async write(section, label, text) {
      const within = `//section[@aria-labelledby=${quoted(`section-${section}`)}]`;
      const named = `${within}//label[starts-with(normalize-space(text()), ${quoted(label)})]`;
      await page.act(named, `the field ${label}`, async (found) => {
        const input = await browser.findElement(By.id(await found.getAttribute('for')));
        await input.clear();
        await input.sendKeys(text);
      });
    },
    /** Goes to a screen as a link would. */
    open: (path) => browser.executeScript('location.hash = arguments[0]', path),
    bodyText: () => browser.executeScript('return document.body.innerText'),
    /** Calls the core as the page itself would. */
    call: (name, payload = {}) =>
      browser.executeAsyncScript(
        `const [name, payload, done] = arguments;
         window.__TAURI_INTERNALS__.invoke('rpc', { name, payload }).then(
           (answer) => done({ answer }), (error) => done({ error }));`,
        name,
        payload,
      ),
    async keepPicture(name) {
      // What was just changed has to be painted first; a covered window may never be.
      await browser.executeAsyncScript(
        'const done = arguments[0]; setTimeout(done, 500); requestAnimationFrame(() => requestAnimationFrame(done));',
      );
      mkdirSync(pictures, { recursive: true });
      picture += 1;
      const file = join(pictures, `${String(picture).padStart(2, '0')}-${name}.png`);
      writeFileSync(file, Buffer.from(await browser.takeScreenshot(), 'base64'));
    },
  };
  return page;
}
