import type * as T from '@/generated/terminal';
import type { Handlers } from './fake-terminal';

/** What a fake terminal keeps beside its commands. */
interface Shelf {
  put(it: T.InstrumentView): T.InstrumentView;
  instrumentOf(id: string): T.InstrumentView;
  evidence(case_id: string, kind: string, step: string): T.EvidenceRow;
  printers: T.PrinterRow[];
  isSealing: boolean;
}

/** A day's work: a case with evidence, one instrument on paper and one begun, and one that bears a seal. */
export function fillBusy(handlers: Handlers, shelf: Shelf): void {
  const { put, instrumentOf, evidence, printers } = shelf;
  const opened = handlers.open_inspection({
    reason: 'special',
    reason_note: '治超专项',
    request_id: 'case-1',
    place: {
      text: 'G107 国道示例区超限检测站',
      road_no: 'G107',
      stake_km: 712,
      stake_m: 300,
      direction: '北向南',
      latitude_e7: 346123456,
      longitude_e7: 1137654321,
      division: '示例区',
    },
    party: {
      kind: 'person',
      name: '周某某',
      sex: 'male',
      age: 41,
      id_type: 'resident_id',
      id_no: '11010519491231002X',
      phone: '13900000000',
      address: '示例市示例区幸福路 1 号',
    },
    vehicle: { plate: '豫A12345', plate_colour: 'yellow', type: '重型半挂牵引车' },
  });
  evidence(opened.case_id, 'photo', 'scene');
  evidence(opened.case_id, 'video', 'scene');
  for (const [form, id] of [
    ['F01', 'instrument-1'],
    ['F21', 'instrument-2'],
  ] as const) {
    handlers.start_instrument({ case_id: opened.case_id, form, request_id: id });
  }
  handlers.tell_notice({ case_id: opened.case_id, notice: 'RN-3', response: '未提出陈述申辩' });
  const first = instrumentOf('instrument-1');
  put({ ...first, findings: [] });
  for (const { slot } of first.definition.signers) {
    handlers.sign_instrument({
      instrument_id: 'instrument-1',
      slot,
      name: '周某某',
      refusal: null,
      strokes: [
        {
          points: [
            [100, 300, 0],
            [300, 600, 90],
            [500, 300, 160],
            [700, 700, 260],
            [900, 400, 400],
          ],
        },
      ],
    });
  }
  handlers.issue_instrument({ instrument_id: 'instrument-1' });
  handlers.deliver_instrument({
    instrument_id: 'instrument-1',
    method: 'direct',
    recipient: '周某某',
    note: '',
    witness_name: null,
  });
  handlers.add_printer({
    name: '车载打印机',
    language: 'ipp',
    address: 'ipp://192.168.1.20/ipp/print',
    width_dots: 0,
  });
  const [printer] = printers;
  for (const copy_name of ['当事人', '存卷']) {
    handlers.print_instrument({ instrument_id: 'instrument-1', printer_id: printer?.printer_id ?? '', copy_name });
  }
  if (shelf.isSealing) fillSealed(handlers, shelf, opened.case_id);
}

/** An issued instrument that bears a seal, with its signatures. */
function fillSealed(handlers: Handlers, { put, instrumentOf }: Shelf, case_id: string): void {
  const instrument_id = 'instrument-3';
  handlers.start_instrument({ case_id, form: 'F10', request_id: instrument_id });
  put({ ...instrumentOf(instrument_id), findings: [] });
  for (const { slot } of instrumentOf(instrument_id).definition.signers) {
    handlers.sign_instrument({ instrument_id, slot, name: '周某某', refusal: null, strokes: [] });
  }
  handlers.issue_instrument({ instrument_id });
}
