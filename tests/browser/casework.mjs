// What an officer does with a case beyond the roadside: forms, marks, approvals, payments, codes, long tables, closing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, keepPicture, root, small, until, wide } from './stage.mjs';
import { choose, goTo, openCase, press, saved, section, write } from './officer.mjs';

const sample = (form) =>
  JSON.parse(readFileSync(join(root, `forms/packs/transport/forms/${form}/sample.json`), 'utf8'));
const day = (shift) => new Date(Date.now() + 8 * 3600_000 + shift * 86_400_000).toISOString().slice(0, 10);
const clocksOf = async (page, caseId) => (await call(page, 'case', { case_id: caseId })).clocks;
const sheet = (page) => page.getByRole('dialog');

export const casework = [
  [
    'every form is in the list; what cannot be started says why, by which rule and article',
    async ({ officers: page, caseId }) => {
      await openCase(page, caseId);
      await press(page, '新建文书');
      const closed = sheet(page).locator('.closed').filter({ hasText: 'F07' });
      await closed.waitFor();
      const { forms } = await call(page, 'forms', { case_id: caseId });
      assert.equal(await sheet(page).locator('li').count(), forms.length);
      assert.match(await closed.innerText(), /现在不能开始：[\s\S]+R-E1[\s\S]+先做：[\s\S]+第五十六条/);
      await keepPicture(page, '40-forms', { tall: true });
    },
  ],
  [
    'a form is found by the first letters of its title',
    async ({ officers: page }) => {
      const box = sheet(page).getByRole('searchbox');
      await box.fill('xzcfjds');
      await until('those with these letters', async () => (await sheet(page).locator('li').count()) < 6);
      await sheet(page)
        .getByRole('button', { name: /^F32\s*行政处罚决定书/ })
        .waitFor();
      await box.fill('没有的文书');
      await sheet(page).getByText('没有找到这种文书').waitFor();
      await box.fill('');
      await page.keyboard.press('Escape');
      await sheet(page).waitFor({ state: 'detached' });
    },
  ],
  [
    'a mark is recorded, starts its clock, and can be taken back',
    async ({ officers: page, caseId }) => {
      await press(page, '标记案情');
      await sheet(page)
        .getByRole('button', { name: /^(✓)?\s*涉嫌犯罪/ })
        .click();
      await sheet(page).getByLabel('说明（可不填）').fill('多次伪造证件');
      await sheet(page).getByRole('button', { name: '记录', exact: true }).click();
      await sheet(page).getByText('已记录：涉嫌犯罪').waitFor();
      await keepPicture(page, '41-flags');
      const before = await clocksOf(page, caseId);
      assert.ok(
        before.some(({ name }) => name.startsWith('crime')),
        JSON.stringify(before.map(({ name }) => name)),
      );
      await press(sheet(page), '撤销刚才的标记');
      await sheet(page).getByText('已撤去：涉嫌犯罪').waitFor();
      await press(sheet(page), '关闭');
      const { flags } = await call(page, 'case', { case_id: caseId });
      assert.ok(!flags.some(({ flag, value }) => flag === 'suspected_crime' && value));
    },
  ],
  [
    'clocks show the last day, what is left, and what is done',
    async ({ officers: page, caseId }) => {
      await openCase(page, caseId);
      const list = page.locator('section[aria-labelledby="clocks-title"]');
      await list.getByText(/截止 /).first().waitFor();
      assert.match(await list.innerText(), /还有 \d+ (天|小时)|今天到期/);
      await keepPicture(page, '42-case', { tall: true });
    },
  ],
  [
    'an application is approved by voice, and the door it kept shut opens',
    async (stage) => {
      const { officers: page, caseId } = stage;
      const application = await issued(page, caseId, 'F06', {
        from_on: day(0),
        to_on: day(6),
        applied_on: day(0),
      });
      assert.ok(application.issued_at, JSON.stringify(application).slice(0, 600));
      await openCase(page, caseId);
      await press(page, '登记远程批准');
      await sheet(page).locator('label').filter({ hasText: '证据登记保存审批表' }).click();
      await sheet(page).getByLabel('批准人姓名和职务').fill('李局长');
      await keepPicture(page, '43-remote-approval');
      await press(sheet(page), '登记批准');
      await sheet(page).waitFor({ state: 'detached' });
      const panel = page.locator('section[aria-labelledby="approvals-title"]');
      await panel.getByText('已登记，待总部确认').waitFor();
      const { forms } = await call(page, 'forms', { case_id: caseId });
      assert.equal(forms.find(({ code }) => code === 'F07').refusal, null);
    },
  ],
  [
    'a payment is recorded with its receipt',
    async ({ officers: page, caseId }) => {
      await openCase(page, caseId);
      await press(page, '登记缴款');
      await until(
        'the amount of the decision',
        async () =>
          (await sheet(page)
            .getByLabel(/^缴款金额/)
            .inputValue()) === '150.00',
      );
      await sheet(page).getByLabel('票据号').fill('0123456789');
      await keepPicture(page, '44-payment');
      await sheet(page).getByRole('button', { name: '登记', exact: true }).click();
      await sheet(page).waitFor({ state: 'detached' });
      await page.getByText(/150\.00 元 · /).waitFor();
    },
  ],
  [
    'an unknown inspection code is told; what cannot be had is recorded with its reason',
    async ({ officers: page }) => {
      await press(page, '检查码');
      await sheet(page).getByLabel('检查码', { exact: true }).fill('XX-0000');
      await page.keyboard.press('Enter');
      await sheet(page).getByText('没有这个检查码').waitFor();
      await keepPicture(page, '45-code');
      await press(sheet(page), '再核验一个');
      await sheet(page).getByLabel('取不到检查码').check();
      await sheet(page).getByLabel('取不到的原因').fill('检查码系统停机');
      await press(sheet(page), '登记，事后补报');
      await sheet(page).getByText('已登记取不到检查码').waitFor();
      await press(sheet(page), '关闭');
    },
  ],
  [
    'the self-check names what is missing and leads there',
    async ({ officers: page, caseId }) => {
      await openCase(page, caseId);
      await press(page, '案卷自查');
      await sheet(page)
        .getByText(/ 自查$/)
        .waitFor();
      await keepPicture(page, '46-self-check');
      const mend = sheet(page).getByRole('button', { name: /^(打开文书|制作 F)/ });
      assert.ok((await mend.count()) > 0, await sheet(page).innerText());
      await mend.first().click();
      await page.waitForURL(/#\/instrument\//);
    },
  ],
  [
    'range, reasons and draft stand beside the form and fill it when they are taken',
    async ({ officers: page, caseId }) => {
      const draft = await call(page, 'start_instrument', {
        case_id: caseId,
        form: 'F21',
        request_id: `f21-${Date.now()}`,
      });
      await call(page, 'save_draft', {
        instrument_id: draft.instrument_id,
        revision: draft.revision,
        value: { ...draft.value, violation_code: 'T10-1', fine_fen: undefined, penalty_kind: undefined },
      });
      await goTo(page, `/instrument/${draft.instrument_id}`);
      const panel = page.locator('section[aria-labelledby="discretion-title"]');
      await panel.getByRole('button', { name: '看裁量参考' }).click();
      await panel.getByText('建议幅度').waitFor();
      assert.match(await panel.innerText(), /法定幅度[\s\S]+怎么得出的[\s\S]+第.+条/);
      await panel.getByText('建议幅度').scrollIntoViewIfNeeded();
      await keepPicture(page, '53-discretion', { tall: true });
      await panel
        .getByRole('button', { name: /^(取下限|采用 )/ })
        .first()
        .click();
      await until('the fine', async () => /^\d+\.\d\d$/.test(await page.locator('#field-fine_fen').inputValue()));
      await panel.getByRole('button', { name: '采用理由草稿' }).click();
      await until('the reasons', async () => (await page.locator('#field-discretion_reason').inputValue()).length > 10);
      await saved(page);
    },
  ],
  [
    'an article is found by law and number and reads as lawyers write it',
    async ({ officers: page }) => {
      const field = page.locator('#field-basis');
      await field.getByRole('button', { name: '增加引用' }).click();
      await field.getByRole('searchbox').fill('处罚法 51');
      await field
        .getByRole('button', { name: /《中华人民共和国行政处罚法》第五十一条/ })
        .first()
        .click();
      await field.getByText('《中华人民共和国行政处罚法》第五十一条').first().waitFor();
      await saved(page);
    },
  ],
  [
    'a photo of the case is picked into the form that prints it',
    async ({ officers: page, caseId }) => {
      const photo = await call(page, 'take_photo', { case_id: caseId, step: 'scene' });
      const draft = await call(page, 'start_instrument', {
        case_id: caseId,
        form: 'F04',
        request_id: `f04-${Date.now()}`,
      });
      await goTo(page, `/instrument/${draft.instrument_id}`);
      const field = page.locator('#field-sketch');
      await field.getByRole('button', { name: /照片/ }).first().click();
      await field.getByLabel(/^说明/).fill('现场全貌');
      await saved(page);
      await field.scrollIntoViewIfNeeded();
      await keepPicture(page, '54-evidence-field');
      const { value } = await call(page, 'instrument', { instrument_id: draft.instrument_id });
      assert.deepEqual(value.sketch, [{ id: photo.evidence_id, caption: '现场全貌' }]);
    },
  ],
  [
    'a table of a thousand rows shows one page of them and is typed into',
    async ({ officers: page, caseId }) => {
      const draft = await call(page, 'start_instrument', {
        case_id: caseId,
        form: 'F03',
        request_id: `rows-${Date.now()}`,
      });
      const qa = Array.from({ length: 1000 }, (_, at) => ({
        question: `第 ${at + 1} 个问题`,
        answer: `回答 ${at + 1}`,
      }));
      await call(page, 'save_draft', {
        instrument_id: draft.instrument_id,
        revision: draft.revision,
        value: { ...draft.value, qa },
      });
      await goTo(page, `/instrument/${draft.instrument_id}`);
      await page.getByText('第 1–20 行，共 1000 行').first().waitFor();
      const jump = page.getByLabel('到第几行').first();
      await jump.fill('778');
      await jump.press('Enter');
      await until('row 778', () => page.evaluate(() => document.activeElement?.id === 'field-qa-777-question'));
      await page.locator('#field-qa-777-answer').click();
      await page.keyboard.press('End');
      const text = '当时车上只有我一个人没有别人看见车是从砂场开出来的';
      const each = await typingTime(page, text);
      console.log(`   a key into a thousand rows: ${each.toFixed(0)} ms`);
      // How quick it is depends on the machine; what it has to draw does not.
      assert.equal(await page.locator('li[data-row]').count(), 20);
      await saved(page);
      const kept = await call(page, 'instrument', { instrument_id: draft.instrument_id });
      assert.equal(kept.value.qa[777].answer, `回答 778${text}`);
      await keepPicture(page, '47-thousand-rows');
      await page.keyboard.press('Control+Delete');
      await page.getByText('已删除第 778 行').waitFor();
      await press(page, '恢复');
      await until('the row to be back', () =>
        page.evaluate(() => document.querySelector('#field-qa-777-question')?.value === '第 778 个问题'),
      );
      await saved(page);
    },
  ],
  [
    'plates and identity numbers are typed on keys large enough for gloves',
    async ({ officers: page }) => {
      await goTo(page, '/open?where=office');
      await page.getByRole('heading', { name: '在办公室立案', level: 1 }).waitFor();
      await page.setViewportSize(small);
      await page.getByLabel('涉及车辆').check();
      const vehicle = section(page, 'vehicle');
      await vehicle.getByRole('button', { name: '键盘' }).first().click();
      const keys = page.getByRole('group', { name: /车牌键盘/ });
      for (const key of ['豫', 'A', '1', '2', '3', '4', '挂'])
        await keys.getByRole('button', { name: key, exact: true }).tap();
      assert.equal(await page.locator('#field-vehicle-plate').inputValue(), '豫A1234挂');
      await keys.scrollIntoViewIfNeeded();
      for (const size of await keys
        .getByRole('button')
        .evaluateAll((all) => all.map((key) => key.getBoundingClientRect().toJSON())))
        assert.ok(size.width >= 48 && size.height >= 48, JSON.stringify(size));
      await keepPicture(page, '48-plate-keys');
      await keys.getByRole('button', { name: '完成' }).tap();
      await section(page, 'party').getByRole('button', { name: '键盘' }).first().click();
      const digits = page.getByRole('group', { name: /证件号码键盘$/ }).first();
      await digits.getByRole('button', { name: '1', exact: true }).focus();
      await page.keyboard.type('99000019910817002');
      await page.keyboard.press('ArrowRight');
      await digits.getByRole('button', { name: '9', exact: true }).tap();
      assert.equal(await page.locator('#field-party-id_no').inputValue(), '990000199108170029');
      await keepPicture(page, '49-identity-keys');
      await digits.getByRole('button', { name: '完成' }).tap();
      await page.setViewportSize(wide);
    },
  ],
  [
    'earlier parties are filled in with one press',
    async ({ officers: page }) => {
      await press(page, '最近的当事人和车辆');
      await sheet(page).locator('li button').first().waitFor();
      await keepPicture(page, '50-recent');
      await sheet(page).getByRole('searchbox').fill('王样二');
      await sheet(page).locator('li button').filter({ hasText: '王样二' }).first().click();
      await until('the name', async () =>
        (await page.locator('#field-party-org_name').inputValue()).includes('王样二'),
      );
    },
  ],
  [
    'a planned inspection is opened at the office and closed again',
    async (stage) => {
      const page = stage.officers;
      await page.getByLabel('涉及车辆').uncheck();
      await choose(page, 'reason', '检查缘由', '双随机抽查');
      await write(page, 'place', '地点', '示例物流有限公司');
      await keepPicture(page, '51-planned');
      await page.locator('form').getByRole('button', { name: '建立案件' }).click();
      await page.waitForURL(/#\/case\/[^/]+$/);
      await page.getByRole('heading', { name: '接下来' }).waitFor();
      await press(page, '结案');
      await sheet(page).locator('label').filter({ hasText: '检查没有发现问题' }).click();
      await press(sheet(page), '确认结案');
      await until(
        'an answer',
        async () => (await page.getByText('已结案').count()) || (await sheet(page).getByRole('alert').count()),
      );
      await keepPicture(page, '52-closing');
      assert.equal(await page.getByRole('button', { name: '新建文书' }).count(), 0);
    },
  ],
];

/** Milliseconds from a key to the character on the screen, on average. */
async function typingTime(page, text) {
  const began = Date.now();
  for (const character of text) {
    await page.keyboard.insertText(character);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done())));
  }
  return (Date.now() - began) / [...text].length;
}

/** An instrument filled with its sample and issued, signed by everybody the form asks. */
async function issued(page, caseId, form, changes) {
  const draft = await call(page, 'start_instrument', { case_id: caseId, form, request_id: `${form}-${Date.now()}` });
  const { instrument_id, revision, definition } = draft;
  const value = { ...sample(form), ...draft.value, ...changes };
  await call(page, 'save_draft', { instrument_id, revision, value });
  const strokes = [
    {
      points: [
        [100, 300, 0],
        [500, 600, 90],
        [900, 400, 200],
      ],
    },
  ];
  for (const { slot } of definition.signers)
    await call(page, 'sign_instrument', { instrument_id, slot, name: '签名', strokes, refusal: null });
  return call(page, 'issue_instrument', { instrument_id });
}
