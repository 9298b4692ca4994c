import { mount } from '@vue/test-utils';
import { describe, expect, test } from 'vitest';
import type { Stroke } from '@/generated/terminal';
import SignatureForm from './SignatureForm.vue';
import SignaturePad from './SignaturePad.vue';
import { isWritten, pathOf, pointIn } from './strokes';

const box = { left: 100, top: 50, width: 600, height: 200 };

describe('strokes', () => {
  test('both sides of the box count a thousand', () => {
    expect(pointIn(box, 100, 50, 0)).toEqual([0, 0, 0]);
    expect(pointIn(box, 700, 250, 12.4)).toEqual([1000, 1000, 12]);
    expect(pointIn(box, 400, 150, 5)).toEqual([500, 500, 5]);
  });

  test('a pen that leaves the box stays at its edge', () => {
    expect(pointIn(box, 9999, -9999, -3)).toEqual([1000, 0, 0]);
    expect(pointIn({ ...box, width: 0 }, 1, 1, 0)).toEqual([0, 0, 0]);
  });

  test('a pen tells how hard it presses', () => {
    expect(pointIn(box, 400, 150, 5, 0.42)).toEqual([500, 500, 5, 420]);
    expect(pointIn(box, 400, 150, 5, 0.0001)).toEqual([500, 500, 5, 1]);
    const strokes: Stroke[] = [];
    const pad = mount(SignaturePad, { props: { label: '签名', modelValue: strokes } });
    pad.element.getBoundingClientRect = () => ({ ...box, right: 0, bottom: 0, x: 0, y: 0, toJSON: () => '' });
    const press = (pointerType: string, pressure: number) =>
      pad.element.dispatchEvent(
        Object.assign(new MouseEvent('pointerdown', { button: 0, clientX: 400, clientY: 150 }), {
          pointerId: 1,
          pointerType,
          pressure,
        }),
      );
    const last = () => pad.emitted<[Stroke[]]>('update:modelValue')?.at(-1)?.[0].at(-1)?.points[0];
    press('pen', 0.5);
    expect(last()).toEqual([500, 500, 0, 500]);
    pad.element.dispatchEvent(Object.assign(new MouseEvent('pointerup'), { pointerId: 1 }));
    press('mouse', 0.5);
    expect(last()).toHaveLength(3);
  });

  test('a touch is not a signature', () => {
    expect(isWritten([{ points: [[1, 1, 0]] }])).toBe(false);
    expect(isWritten([{ points: Array.from({ length: 20 }, (_, at) => [at, at, at]) }])).toBe(true);
  });

  test('a dot still draws something', () => {
    expect(pathOf({ points: [[10, 20, 0]] })).toBe('M30 20l1 0');
    expect(pathOf({ points: [] })).toBe('');
  });
});

describe('the form', () => {
  const props = { label: '当事人', name: '周某某', mayRefuse: true, busy: false };

  test('an empty box is not accepted', async () => {
    const form = mount(SignatureForm, { props });
    await form.get('form').trigger('submit');
    expect(form.emitted('sign')).toBeUndefined();
    expect(form.get('[role=alert]').text()).toBe('还没有写字');
  });

  test('a refusal is recorded by keyboard with reason and witness', async () => {
    const form = mount(SignatureForm, { props });
    await form.get('button.danger').trigger('click');
    await form.get('#refusal-reason').setValue('认为处罚过重');
    await form.get('#witness-name').setValue('王见证');
    await form.get('form').trigger('submit');
    expect(form.emitted('sign')?.[0]).toEqual([
      {
        name: '周某某',
        strokes: [],
        refusal: { reason: '认为处罚过重', witness_name: '王见证', witness_phone: '' },
      },
    ]);
  });

  test('who may not refuse is not offered it', () => {
    const form = mount(SignatureForm, { props: { ...props, mayRefuse: false } });
    expect(form.find('button.danger').exists()).toBe(false);
  });
});
