import { flushPromises, mount } from '@vue/test-utils';
import { beforeEach, describe, expect, test } from 'vitest';
import { fakePublic } from '@/testing/fake-public';
import DisclosureBoard from './DisclosureBoard.vue';
import PublicApp from './PublicApp.vue';
import { hostKey } from './host';
import { readFragment } from './verify';

describe('what a scanner opens', () => {
  test.each([
    ['#AbC-_09', 'AbC-_09'],
    ['#AbC-_09&appinstall=0', 'AbC-_09'],
    ['#AbC-_09。', 'AbC-_09'],
    ['#AbC-_09%20', 'AbC-_09'],
    ['# AbC-_09', 'AbC-_09'],
  ])('the badge code in %s is %s', (fragment, token) => {
    expect(readFragment(fragment)).toEqual({ kind: 'badge', token });
  });

  test('a paper is named by number and content', () => {
    const number = '示例交罚〔2026〕0001号';
    const sha = 'ABCDEF01'.repeat(8);
    const asked = { kind: 'document', id: number, sha256: sha.toLowerCase() };
    expect(readFragment(`#d=${encodeURIComponent(number)}&sha=${sha}`)).toEqual(asked);
    expect(readFragment(`#d=${number}&sha=${sha}&from=x`)).toEqual(asked);
    expect(readFragment('#d=abc')).toEqual({ kind: 'document', id: 'abc', sha256: null });
  });

  test('nothing sensible asks nothing', () => {
    expect(readFragment('')).toBeNull();
    expect(readFragment('#%E0%A4%A')).toBeNull();
    expect(readFragment('#d=')).toBeNull();
  });
});

describe('the page on a phone', () => {
  beforeEach(() => (location.hash = ''));

  async function open(hash: string) {
    location.hash = hash;
    const page = mount(PublicApp, { global: { provide: { [hostKey as symbol]: fakePublic() } } });
    await flushPromises();
    return page;
  }

  test('a valid badge shows both officers and what to compare', async () => {
    const page = await open('#valid');
    expect(page.text()).toContain('身份有效');
    expect(page.findAll('article')).toHaveLength(2);
    expect(page.text()).toContain('请对照照片和姓名');
  });

  test.each([
    ['bad_signature', '二维码不是真的'],
    ['expired_code', '二维码已过期'],
    ['certificate_expired', '执法证件已过期'],
    ['unknown', '查不到这些人员'],
  ])('%s says so in words and what to do', async (state, title) => {
    const page = await open(`#${state}`);
    expect(page.get('[role=status] h2').text()).toBe(title);
    expect(page.findAll('[role=status] li').length).toBeGreaterThan(0);
    expect(page.findAll('article')).toHaveLength(0);
  });

  test('without a code a paper can be checked by its number', async () => {
    const page = await open('');
    await page.get('#number').setValue('示例交罚〔2026〕0001号');
    await page.get('form').trigger('submit');
    await flushPromises();
    expect(page.text()).toContain('文书号属实');
  });
});

describe('the board of publications', () => {
  const openBoard = async (hash: string) => {
    location.hash = hash;
    const page = mount(DisclosureBoard, { global: { provide: { [hostKey as symbol]: fakePublic() } } });
    await flushPromises();
    return page;
  };

  test('lists what is public', async () => {
    const page = await openBoard('');
    expect(page.get('a').attributes('href')).toBe('#d1');
    expect(page.text()).toContain('周某某');
  });

  test('says why something is gone, and names nobody', async () => {
    const page = await openBoard('#gone');
    expect(page.get('[role=status]').text()).toContain('理由：决定已被撤销');
    expect(page.text()).not.toContain('周某某');
    expect(page.text()).toContain('77aa');
  });
});
