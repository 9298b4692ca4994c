// Four instruments from an empty form to paper, as two officers and the party make them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { call, keepPicture, small, until, wide } from './stage.mjs';
import { unprintable } from './session.mjs';
import {
  choose,
  chooseIn,
  draw,
  goTo,
  issue,
  openCase,
  openSigning,
  openTab,
  party,
  press,
  pressNow,
  refuseToSign,
  section,
  sign,
  startForm,
  tellNotice,
  withoutFindings,
  saved,
  write,
  writeMoment,
} from './officer.mjs';

const facts = '当事人驾驶示A0002号车辆行驶公路，经测量车货总高度 4.15 米，超过 4 米的限值 0.15 米。';

/** A rectification order without findings. */
export async function fillOrder(page, caseId) {
  await startForm(page, caseId, '责令改正违法行为通知书');
  await pickViolation(page);
  await until('the draft of the facts', async () =>
    (await page.locator('#field-facts').inputValue()).includes('车货总高'),
  );
  await write(page, 'violation', '违法事实', facts);
  await choose(page, 'rectification', '改正方式', '立即改正');
  await write(page, 'rectification', '改正要求', '就地卸载，使车货总高度不超过 4 米后方可继续行驶。');
  await withoutFindings(page);
}

/** The party and both officers sign; answers the number. */
export async function signAndIssue(page) {
  await openTab(page, '签名与制发');
  for (const index of [0, 1, 2]) await sign(page, index);
  return issue(page);
}

export const instruments = [
  [
    'notices are read aloud and recorded',
    async ({ officers: page, caseId }) => {
      await tellNotice(page, caseId, '身份和回避告知');
      await page
        .getByText(/已于 .+ 告知/)
        .first()
        .waitFor();
    },
  ],
  [
    'an empty field is named in the list and the list leads to it',
    async ({ officers: page, caseId }) => {
      await startForm(page, caseId, '现场检查记录');
      const list = page.getByRole('complementary', { name: '问题清单' });
      await list.getByText(/项必须解决/).waitFor();
      await keepPicture(page, '20-f01-empty', { tall: true });
      await list.getByRole('button').filter({ hasText: '检查情况及结果' }).click();
      await until('the focus in the field', () =>
        page.evaluate(() => document.activeElement?.id === 'field-findings_text'),
      );
      await page.locator('#field-findings_text-findings').waitFor();
    await until('the field to be in view', () => inView(page.locator('#field-findings_text')));
    assert.ok(await inView(page.locator('header.bar')), 'the bar above stays where it is');
      await keepPicture(page, '21-f01-finding');
    },
  ],
  [
    'F01 is filled, undone, redone and survives a reload',
    async ({ officers: page }) => {
      await write(page, 'result', '检查情况及结果', `${facts}驾驶人现场配合检查。`);
      const items = section(page, 'result').getByRole('group', { name: /^检查项目/ });
      await press(items, '增加一行');
      await items.getByLabel(/^项目/).fill('车货总高度');
      await items.getByLabel(/^标准/).fill('不超过 4.00 米');
      await chooseIn(items, '结果', '不合格');
      await items.getByLabel(/^说明/).fill('实测 4.15 米');
      await pressNow(page, 'inspection', '检查结束时间');
      await saved(page);
      await press(page, '撤销');
      await until('the end to be empty again', async () => (await endTime(page)) === '');
      await press(page, '重做');
      await until('the end to be back', async () => (await endTime(page)) !== '');
      await withoutFindings(page);
      await page.reload();
      await page.getByRole('heading', { level: 1, name: '现场检查记录' }).waitFor();
      assert.equal(await page.locator('#field-findings_text').inputValue(), `${facts}驾驶人现场配合检查。`);
    },
  ],
  [
    'the preview shows the pages as they will be printed',
    async ({ officers: page }) => {
      const first = page.getByAltText('第 1 页');
      const isShown = () => first.evaluate((image) => image.complete && image.naturalWidth > 0);
      await until('the first page beside the form', isShown);
      await keepPicture(page, '22-f01-beside');
      await page.setViewportSize(small);
      await openTab(page, '预览');
      await until('the first page in its tab', isShown);
      await keepPicture(page, '22-f01-preview', { tall: true });
      await page.setViewportSize(wide);
    },
  ],
  [
    'F01 is signed by three and issued with a number',
    async (stage) => {
      const page = stage.officers;
      await openTab(page, '签名与制发');
      const dialog = await openSigning(page, 0);
      await draw(page, dialog.getByTestId('signature-pad'));
      await keepPicture(page, '23-signing');
      await press(dialog, '确认签名');
      await dialog.waitFor({ state: 'detached' });
      await sign(page, 1);
      await sign(page, 2);
      await keepPicture(page, '24-signed');
      stage.number = await issue(page);
      assert.match(stage.number ?? '', /\d/);
      await keepPicture(page, '25-issued', { tall: true });
    },
  ],
  [
    'the PDF opens and says what was written',
    async ({ officers: page, number }) => {
      const [response] = await Promise.all([
        page.waitForResponse((arrived) => arrived.url().includes('/pdf')),
        chooseIn(page, '正本', 'PDF'),
      ]);
      assert.equal(response.headers()['content-type'], 'application/pdf');
      const frame = page.getByTitle('PDF', { exact: true });
      await frame.waitFor();
      await until('the viewer', () => page.frames().some((inner) => inner.url() === response.url()));
      const bytes = await page.evaluate(async (address) => {
        const read = new Uint8Array(await (await fetch(address)).arrayBuffer());
        return [...read];
      }, response.url());
      const text = execFileSync('pdftotext', ['-layout', '-', '-'], { input: Buffer.from(bytes), encoding: 'utf8' });
      const flat = text.replace(/\s/g, '');
      for (const part of [number, '车货总高度', party.name])
        assert.ok(flat.includes(part.replace(/\s/g, '')), `${part} in ${text}`);
      await keepPicture(page, '26-pdf');
      await chooseIn(page, '正本', '小票');
      await until('the ticket', () =>
        page.getByAltText('小票').evaluate((image) => image.complete && image.naturalWidth > 300),
      );
      await keepPicture(page, '27-ticket', { tall: true });
    },
  ],
  [
    'hostile text in a draft survives a reload and is a finding at its field',
    async ({ officers: page, caseId }) => {
      await startForm(page, caseId, '现场笔录');
      await write(page, 'content', '主要内容', unprintable);
      await saved(page);
      await page.locator('#field-content-findings').waitFor();
      await keepPicture(page, '28-f02-hostile');
      await page.reload();
      await page.getByRole('heading', { level: 1, name: '现场笔录' }).waitFor();
      assert.equal(await page.locator('#field-content').inputValue(), unprintable);
      const id = /instrument\/([^?]+)/.exec(page.url())[1];
      assert.equal((await call(page, 'instrument', { instrument_id: id })).value.content, unprintable);
    },
  ],
  [
    'ten megabytes pasted into a field are told and taken back',
    async ({ officers: page }) => {
      await write(page, 'content', '主要内容', '车'.repeat(3_500_000));
      const notice = page.getByRole('alert').filter({ hasText: '内容太大' });
      await notice.waitFor();
      await notice.scrollIntoViewIfNeeded();
      await keepPicture(page, '28-flood');
      assert.equal((await page.locator('#field-content').inputValue()).length, 3_500_000);
      await write(page, 'content', '主要内容', '现场情况');
      await saved(page);
      await notice.waitFor({ state: 'detached' });
    },
  ],
  [
    'F02 is signed on the screen that faces the party',
    async ({ officers: page }) => {
      await write(
        page,
        'content',
        '主要内容',
        `执法人员向当事人出示执法证件，告知其有申请回避的权利，当事人不申请回避。${facts}`,
      );
      await choose(page, 'content', '阅读方式', '本人已看过，与事实相符');
      await choose(page, 'person', '与案件关系', '当事人');
      await pressNow(page, 'scene', '执法结束时间');
      await withoutFindings(page);
      await openTab(page, '签名与制发');
      const dialog = await openSigning(page, 0);
      const [other] = await Promise.all([page.context().waitForEvent('page'), press(dialog, '送到当事人屏签名')]);
      await other.getByRole('heading', { name: '现场笔录' }).waitFor();
      await draw(other, other.getByTestId('signature-pad'));
      await keepPicture(other, '29-party-signing');
      await press(other, '确认签名');
      await other.getByText('谢谢，已经完成').waitFor();
      await dialog.waitFor({ state: 'detached' });
      await keepPicture(other, '30-party-done');
      await other.close();
      await sign(page, 1);
      await sign(page, 2);
      assert.equal(await issue(page), null);
    },
  ],
  [
    'F10 takes facts and articles from the violation that was found',
    async (stage) => {
      const page = stage.officers;
      await fillOrder(page, stage.caseId);
      await keepPicture(page, '31-f10', { tall: true });
      assert.match((await signAndIssue(page)) ?? '', /\d/);
    },
  ],
  [
    'F21 is not ready while the party was not told, and says so with the article',
    async ({ officers: page, caseId }) => {
      await openCase(page, caseId);
      await press(page, '新建文书');
      await page.getByRole('dialog').getByText('当场行政处罚决定书').first().waitFor();
      await keepPicture(page, '32-forms');
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await startForm(page, caseId, '当场行政处罚决定书');
      await saved(page);
      await page.getByRole('complementary', { name: '问题清单' }).getByText(/告知/).first().waitFor();
      const finding = page.locator('#field-told_at-findings');
      await finding.waitFor();
      assert.match(await finding.innerText(), /《.+》|第.+条/);
      await tellNotice(page, caseId, '处罚前告知');
      await keepPicture(page, '32-told');
      await page.getByRole('link').filter({ hasText: '当场行政处罚决定书' }).click();
      await page.getByRole('heading', { level: 1, name: '当场行政处罚决定书' }).waitFor();
      await press(page, /采用告知时间/);
      await until('the time of telling', async () => (await page.locator('#field-told_at-time').inputValue()) !== '');
    },
  ],
  [
    'F21 is filled; too high a fine is a finding',
    async ({ officers: page }) => {
      await pickViolation(page);
      await write(page, 'violation', '违法事实', facts);
      await writeMoment(page, 'violation', '违法时间', 10);
      await write(page, 'violation', '证据', '现场检查记录、现场笔录、测量照片和现场录像。');
      await choose(page, 'notice', '陈述申辩', '未提出');
      await choose(page, 'penalty', '处罚种类', '罚款');
      await choose(page, 'penalty', '缴纳方式', '到银行缴纳或者电子支付');
      await write(page, 'penalty', '罚款金额', '450.00');
      await page.locator('#field-fine_fen-findings').waitFor();
      await keepPicture(page, '33-f21-findings', { tall: true });
      await write(page, 'penalty', '罚款金额', '150');
      await write(page, 'penalty', '裁量理由', '首次被查，超限幅度小，现场配合改正。');
      await withoutFindings(page);
    },
  ],
  [
    'the party refuses to sign F21: reason and witness stand in',
    async (stage) => {
      const page = stage.officers;
      await openTab(page, '签名与制发');
      await refuseToSign(page, 0);
      await page.getByText('拒绝签名：当事人认为处罚过重').waitFor();
      await sign(page, 1);
      await sign(page, 2);
      await keepPicture(page, '34-refused');
      assert.match((await issue(page)) ?? '', /\d/);
      stage.penalty = page.url();
      await keepPicture(page, '35-f21-issued', { tall: true });
    },
  ],
  [
    'F21 is delivered and starts its clocks',
    async ({ officers: page, caseId }) => {
      await chooseIn(page, '送达方式', '直接送达');
      await press(page, '记录送达');
      await page.getByText(/于 .+ 收到/).waitFor();
      await openCase(page, caseId);
      await page.getByText(/截止 /).first().waitFor();
      const { clocks } = await call(page, 'case', { case_id: caseId });
      assert.ok(clocks.length > 0);
      await keepPicture(page, '36-case-full', { tall: true });
    },
  ],
  [
    'an issued instrument cannot be edited any more',
    async ({ officers: page, penalty }) => {
      await goTo(page, new URL(penalty).hash.slice(1));
      await openTab(page, '填写');
      await page.locator('#field-facts').waitFor();
      assert.notEqual(await page.locator('#field-facts').getAttribute('readonly'), null);
    },
  ],
];

const endTime = (page) => page.locator('#field-ended_at-time').inputValue();

export async function pickViolation(page) {
  const group = section(page, 'violation').getByRole('group', { name: /^违法行为/ });
  const change = group.getByRole('button', { name: '另选' });
  const box = group.getByRole('searchbox');
  await change.or(box).first().waitFor();
  if (await change.count()) await change.click();
  await box.fill('超限');
  await group.getByRole('button').filter({ hasText: '高不超 4.2 米' }).click();
  await group.getByText('处罚幅度').waitFor();
}

const inView = (locator) =>
  locator.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
