// Photos from files and the camera, video and sound from the capture path, and what a printer does with paper.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { PNG } from 'pngjs';
import { call, keepPicture, until } from './stage.mjs';
import { chooseIn, goTo, press } from './officer.mjs';
import { keepPort } from '../window/house.mjs';

export const evidence = [
  [
    'a photo is imported from a file',
    async (stage) => {
      const { officers: page, caseId } = stage;
      await goTo(page, `/case/${caseId}/evidence`);
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press(page, '导入照片')]);
      await chooser.setFiles({ name: '测量 <1>.png', mimeType: 'image/png', buffer: picture(640, 480) });
      await page.getByRole('button').filter({ hasText: '导入照片 ·' }).waitFor();
      await until('its picture', () =>
        page
          .locator('.tiles img')
          .first()
          .evaluate((image) => image.complete && image.naturalWidth > 0),
      );
    },
  ],
  [
    'a file that is no picture is refused and nothing is lost',
    async ({ officers: page, caseId }) => {
      const before = (await call(page, 'case', { case_id: caseId })).evidence.length;
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press(page, '导入照片')]);
      await chooser.setFiles({ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') });
      await page.getByRole('alert').first().waitFor();
      await keepPicture(page, '40-no-picture');
      assert.equal((await call(page, 'case', { case_id: caseId })).evidence.length, before);
    },
  ],
  [
    'a photo is taken by the camera',
    async ({ officers: page }) => {
      await press(page, '拍照');
      await page.getByRole('button').filter({ hasText: '照片 ·' }).nth(1).waitFor();
    },
  ],
  [
    'a video is recorded, marked and stopped with a reason',
    async ({ officers: page }) => {
      await press(page, '录像');
      await stored(page, 2_500);
      await until('the live picture', () =>
        page.getByAltText('实时画面').evaluate((image) => image.complete && image.naturalWidth > 0),
      );
      await page.getByLabel('标记内容').fill('开始测量');
      await press(page, '打标记');
      await until('the mark to be taken', async () => (await page.getByLabel('标记内容').inputValue()) === '');
      await keepPicture(page, '41-recording');
      await stop(page);
      await page.getByRole('button').filter({ hasText: '录像 ·' }).waitFor();
    },
  ],
  [
    'sound alone is recorded',
    async ({ officers: page }) => {
      await press(page, '录音');
      await stored(page, 1_500);
      await stop(page);
      await page.getByRole('button').filter({ hasText: '录音 ·' }).waitFor();
      await keepPicture(page, '42-evidence');
    },
  ],
  [
    'what was recorded plays on the terminal',
    async ({ officers: page }) => {
      await page.getByRole('button').filter({ hasText: '录像 ·' }).click();
      const dialog = page.getByRole('dialog');
      await playable(dialog.locator('video'));
      await keepPicture(page, '43-player');
      await press(dialog, '关闭');
      await dialog.waitFor({ state: 'detached' });
    },
  ],
];

export async function playable(player) {
  await player.waitFor();
  await until('the player to know its length', () =>
    player.evaluate((media) => {
      if (media.error) throw new Error(`${media.error.code} ${media.error.message}`);
      return media.readyState >= 1 && media.duration > 1;
    }),
  );
}

async function stored(page, ms) {
  await until(`${ms} ms to be stored`, async () => (await call(page, 'recording')).running?.stored_ms >= ms);
  await page.getByText(/已存 /).waitFor();
}

async function stop(page) {
  await press(page, '停止录制');
  await until('the end of the recording', async () => (await call(page, 'recording')).running === null);
}

/** A picture that shows which way is up. */
function picture(width, height) {
  const png = new PNG({ width, height });
  for (let at = 0; at < width * height; at += 1) {
    png.data.set([(at % width) % 256, Math.floor(at / width) % 256, at % 97, 255], at * 4);
  }
  return PNG.sync.write(png);
}

export const printing = [
  [
    'a printer is added',
    async (stage) => {
      const { officers: page } = stage;
      const kept = await keepPort();
      stage.printerPort = kept.port;
      await kept.release();
      await goTo(page, '/printing');
      await keepPicture(page, '50-printing-empty');
      await press(page, '添加打印机');
      const dialog = page.getByRole('dialog');
      await chooseIn(dialog, '类型', '热敏小票机（ESC/POS）');
      await dialog.getByLabel('名称').fill('车载小票机');
      await dialog.getByLabel('地址', { exact: true }).fill(`127.0.0.1:${stage.printerPort}`);
      await keepPicture(page, '51-add-printer');
      await dialog.getByRole('button', { name: '添加打印机' }).click();
      await dialog.waitFor({ state: 'detached' });
      await page.getByText('车载小票机', { exact: true }).waitFor();
    },
  ],
  [
    'a printer that does not answer is named as the cause, with the next attempt',
    async (stage) => {
      const { officers: page, penalty } = stage;
      await goTo(page, new URL(penalty).hash.slice(1));
      const form = page.locator('section[aria-labelledby="print-title"]');
      await form.getByLabel('打印机').waitFor();
      await press(form, '打印');
      await form.getByText('打印机没有应答').waitFor();
      await goTo(page, '/printing');
      await page.getByText('打印机没有应答').first().waitFor();
      await page
        .getByText(/下次尝试 \d/)
        .first()
        .waitFor();
      await keepPicture(page, '52-printing-offline');
    },
  ],
  [
    'the ticket comes out when the printer is back',
    async (stage) => {
      const { officers: page } = stage;
      const printer = await openPrinter(stage.printerPort);
      try {
        await until('the ticket to be printed', async () => (await page.getByText('已打印').count()) > 0, 75_000);
        assert.ok(printer.bytes() > 5_000, `${printer.bytes()} bytes`);
        await keepPicture(page, '53-printed');
        await press(page, '打印测试页');
        await page.getByText('测试页已打印').waitFor();
        await page.getByText('就绪').first().waitFor();
        await keepPicture(page, '54-test-page');
      } finally {
        await printer.close();
      }
    },
  ],
];

/** An ESC/POS printer with paper: answers the four real-time questions at once and the fence in its turn. */
async function openPrinter(port) {
  let bytes = 0;
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let rest = Buffer.alloc(0);
    socket.on('data', (data) => {
      bytes += data.length;
      rest = answerAll(socket, Buffer.concat([rest, data]));
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    bytes: () => bytes,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const isRealTime = (data, at) => data[at] === 0x10 && data[at + 1] === 0x04 && data[at + 2] >= 1 && data[at + 2] <= 4;
const isFence = (data, at) => data[at] === 0x1d && data[at + 1] === 0x72 && data[at + 2] === 1;
const isRaster = (data, at) => data[at] === 0x1d && data[at + 1] === 0x76 && data[at + 2] === 0x30;

/** Answers what is complete and gives back what is not. */
function answerAll(socket, data) {
  let at = 0;
  while (at < data.length) {
    if (isRaster(data, at) && at + 8 <= data.length) {
      const size = (data[at + 4] + data[at + 5] * 256) * (data[at + 6] + data[at + 7] * 256);
      if (at + 8 + size > data.length) return data.subarray(at);
      at += 8 + size;
    } else if (isRealTime(data, at)) {
      socket.write(Buffer.from([0x12]));
      at += 3;
    } else if (isFence(data, at)) {
      socket.write(Buffer.from([0x00]));
      at += 3;
    } else if (data.length - at < 8 && (data[at] === 0x10 || data[at] === 0x1d)) {
      return data.subarray(at);
    } else {
      at += 1;
    }
  }
  return Buffer.alloc(0);
}
