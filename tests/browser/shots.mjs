// Makes the README's pictures from the real screens into docs/pictures, each at most 300 kB.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { call, officers, openStage, phonePage, root, scan, strangersPage, until } from './stage.mjs';
import {
  beginInspection,
  choose,
  draw,
  fillInspection,
  goTo,
  openSigning,
  openTab,
  party,
  press,
  pressNow,
  section,
  sign,
  signInByKeyboard,
  startForm,
  tellNotice,
  withoutFindings,
  write,
  writeMoment,
} from './officer.mjs';
import { pickViolation } from './instruments.mjs';

const mostBytes = 300_000;
const folder = join(root, 'docs/pictures');
const facts = '当事人驾驶示A0002号车辆行驶公路，经测量车货总高度 4.15 米，超过 4 米的限值 0.15 米。';

const stage = await openStage();
try {
  mkdirSync(folder, { recursive: true });
  const page = stage.officers;
  await onTerminal(page);
  const address = await presentAndScan(page);
  await onPhone(address);
  const caseId = await inspect(page);
  await atHeadquarters(page, caseId);
} finally {
  await stage.close();
}

async function keep(page, name) {
  const path = join(folder, `${name}.png`);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.screenshot({ path });
  const size = statSync(path).size;
  console.log(`${size <= mostBytes ? 'ok' : 'NOT ok'} ${path} ${Math.round(size / 1000)} kB`);
  if (size > mostBytes) process.exitCode = 1;
}

async function onTerminal(page) {
  await signInByKeyboard(page, officers.first);
  await page.getByText(`${officers.first.name} 已登录`).waitFor();
  await page.getByRole('button').filter({ hasText: officers.second.credential }).click();
  await page.keyboard.type('135');
  await keep(page, 'sign-in');
  await page.keyboard.type('791');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '亮证', level: 1 }).waitFor();
}

async function presentAndScan(page) {
  await press(page, '已出示，记录亮证');
  await page.getByText('今天的工作').waitFor();
  await goTo(page, '/badge');
  await until(
    'a fresh code',
    async () => {
      const left = Date.parse((await call(page, 'badge')).changes_at) - Date.now();
      return left > 12_000;
    },
    40_000,
  );
  const address = await until('the code to be read', () => scan(page));
  await keep(page, 'badge');
  return address;
}

async function onPhone(address) {
  const phone = await phonePage(stage);
  await phone.goto(address);
  await phone.getByRole('heading', { name: '身份有效' }).waitFor();
  await until('the portraits', () =>
    phone.evaluate(
      () => [...document.images].length >= 2 && [...document.images].every((image) => image.naturalWidth > 0),
    ),
  );
  await keep(phone, 'phone-badge');
  await phone.context().close();
}

async function inspect(page) {
  await goTo(page, '/open');
  await page.getByRole('heading', { name: '开始检查', level: 1 }).waitFor();
  await fillInspection(page);
  await write(page, 'party', '联系电话', '13800000000');
  await section(page, 'party')
    .getByLabel(/^联系电话/)
    .last()
    .fill('13800000000');
  const caseId = await beginInspection(page);
  await tellNotice(page, caseId, '身份和回避告知');
  await goTo(page, `/case/${caseId}/evidence`);
  await press(page, '拍照');
  await page.getByRole('button').filter({ hasText: '照片 ·' }).first().waitFor();
  await press(page, '录像');
  await until('two seconds', async () => (await call(page, 'recording')).running?.stored_ms >= 2_000);
  await press(page, '停止录制');
  await page.getByRole('button').filter({ hasText: '录像 ·' }).waitFor();
  await fillRecord(page, caseId);
  await fillPenalty(page, caseId);
  return caseId;
}

async function fillRecord(page, caseId) {
  await startForm(page, caseId, '现场检查记录');
  await write(page, 'result', '检查情况及结果', `${facts}驾驶人现场配合检查。`);
  await pressNow(page, 'inspection', '检查结束时间');
  await withoutFindings(page);
  await openTab(page, '签名与制发');
  const dialog = await openSigning(page, 0);
  await draw(page, dialog.getByTestId('signature-pad'));
  await until('the page beside it', () =>
    dialog.getByAltText('第 1 页').evaluate((image) => image.complete && image.naturalWidth > 0),
  );
  await keep(page, 'signing');
  await press(dialog, '确认签名');
  await dialog.waitFor({ state: 'detached' });
  await sign(page, 1);
  await sign(page, 2);
  await press(page, '制发文书');
  await press(page.getByRole('dialog'), '确认制发');
  await page.getByRole('tab', { name: '正本' }).waitFor();
  await until('the page', () =>
    page.getByAltText('第 1 页').evaluate((image) => image.complete && image.naturalWidth > 0),
  );
  await keep(page, 'issued');
  await goTo(page, `/case/${caseId}`);
  await page.getByRole('heading', { name: '接下来' }).waitFor();
  await page
    .getByText(/已于 .+ 告知/)
    .first()
    .waitFor();
  await keep(page, 'case');
}

async function fillPenalty(page, caseId) {
  await tellNotice(page, caseId, '处罚前告知');
  await startForm(page, caseId, '当场行政处罚决定书');
  await pickViolation(page);
  await write(page, 'violation', '违法事实', facts);
  await writeMoment(page, 'violation', '违法时间', 10);
  await choose(page, 'notice', '陈述申辩', '未提出');
  await choose(page, 'penalty', '处罚种类', '罚款');
  await write(page, 'penalty', '罚款金额', '450.00');
  await page.locator('#field-fine_fen-findings').waitFor();
  await section(page, 'penalty').scrollIntoViewIfNeeded();
  await keep(page, 'form-findings');
}

async function atHeadquarters(page, caseId) {
  await call(page, 'sync_now');
  await until(
    'everything to arrive',
    async () => {
      const sync = await call(page, 'sync_state');
      return (
        sync.entries_at_headquarters === sync.entries_total &&
        sync.media_pending === 0 &&
        (await call(page, 'case', { case_id: caseId })).at_headquarters
      );
    },
    60_000,
  );
  const { house } = stage;
  const desk = await strangersPage(stage);
  await desk.goto(`${house.url}/console.html`);
  const [[user, password]] = Object.entries(house.users);
  await desk.getByLabel('用户名').fill(user);
  await desk.getByLabel('密码').fill(password);
  await press(desk, '登录');
  await desk.getByRole('row').filter({ hasText: '示A0002' }).getByRole('link').click();
  await press(desk, '记录并打开');
  await desk.getByRole('heading', { name: party.firm }).waitFor();
  await until('the pictures', () => desk.evaluate(() => [...document.images].every((image) => image.naturalWidth > 0)));
  await keep(desk, 'console-case');
}
