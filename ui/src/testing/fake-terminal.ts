import type { Citation, Finding } from '@/generated/law';
import type { FormDefinition } from '@/generated/forms';
import type { TerminalCommands } from '@/generated/terminal.client';
import type * as T from '@/generated/terminal';
import { moment } from '@/fields/moments';
import { HostError, plainError, type Host, type ScreenCode } from '@/platform/host';
import { fillBusy } from './fake-busy';
import { articles, officer, violations } from './fake-data';
import { advice, checkItems, nextSteps, procedures, required } from './fake-guidance';
import { askedSealing, fakeSeals, type FakeSealing } from './fake-seals';
import pack from './pack.json';
import { page, portrait, qr } from './pictures';

/** A terminal in memory, for component tests and for looking at screens. It never goes into a production bundle. */
export interface FakeTerminal extends Host<TerminalCommands> {
  calls: { name: string; payload: unknown }[];
  /** The next call of this name is refused. */
  refuseNext(name: keyof TerminalCommands, code: ScreenCode, args?: Record<string, unknown>, basis?: Citation[]): void;
  officers: T.OfficerCard[];
  cases: Map<string, T.CaseView>;
  instruments: Map<string, T.InstrumentView>;
}

export type Handlers = {
  [N in keyof TerminalCommands]: (payload: TerminalCommands[N]['request']) => TerminalCommands[N]['response'];
};

const refuse = (code: ScreenCode, args: Record<string, unknown> = {}, basis: Citation[] = []): never => {
  throw new HostError({ ...plainError(code, args), basis });
};

const found = (findings: Finding[]): never => {
  throw new HostError({ ...plainError('findings_open', { blocking: findings.length }), findings });
};

export function fakeTerminal(
  startAs: 'locked' | 'ready' | 'presented' | 'busy' = fakeState(),
  sealing: FakeSealing = askedSealing(),
): FakeTerminal {
  const now = () => moment(new Date());
  const officers = [
    officer(1, '赵明甲', '执法队员'),
    officer(2, '钱思乙', '执法队员'),
    officer(3, '孙过期', '执法队员', 'expired', '2025-12-31'),
    officer(4, '李辅助', '辅助人员', 'not_an_officer'),
  ];
  const cases = new Map<string, T.CaseView>();
  const instruments = new Map<string, T.InstrumentView>();
  const printers: T.PrinterRow[] = [];
  const jobs: T.PrintJobRow[] = [];
  const seals = fakeSeals(sealing);
  const calls: FakeTerminal['calls'] = [];
  const refusals = new Map<string, HostError>();
  let presentation: T.PresentationView | null = null;
  let running: T.RunningRecording | null = null;
  let entries = 3;
  let there = 3;

  const signedIn = () => officers.filter(({ signed_in }) => signed_in);
  const forms = pack.forms.map((form) => ({
    approvals: [],
    is_at_scene: true,
    is_served: form.code === 'F10' || form.code === 'F21',
    ...form,
  })) as unknown as FormDefinition[];

  function act(case_id: string, kind: string, text: string): T.CaseView {
    const view = cases.get(case_id) ?? refuse('not_found');
    entries += 1;
    const row: T.TimelineRow = {
      idx: entries,
      kind,
      event_at: now(),
      entered_at: now(),
      officers: signedIn().map(({ name }) => name),
      text,
      at_headquarters: false,
    };
    view.timeline = [...view.timeline, row];
    view.instruments = [...instruments.values()].filter((it) => it.case_id === case_id).map(instrumentRow);
    view.next_steps = nextSteps(view);
    view.procedures = procedures(view);
    cases.set(case_id, { ...view });
    return { ...view };
  }

  function instrumentRow(it: T.InstrumentView): T.InstrumentRow {
    return {
      instrument_id: it.instrument_id,
      form: it.definition.code,
      title: it.definition.title,
      state: it.state,
      number: it.number,
      issued_at: it.issued_at,
      delivered_at: it.delivery?.delivered_at ?? null,
      blocking_findings: it.findings.filter(({ severity }) => severity === 'block').length,
      copies_printed: jobs.filter((job) => job.instrument_id === it.instrument_id).length,
      asks_approval: it.definition.copies.length <= 1,
      at_headquarters: false,
    };
  }

  const startState = (): T.StartState => ({
    phase: signedIn().length >= 2 ? 'ready' : signedIn().length ? 'one_officer' : 'locked',
    agency_name: '示例市交通运输综合行政执法支队',
    terminal_name: '执法终端 07',
    officers: officers.map((it) => ({ ...it })),
    presentation,
    pack_version: '2026.11',
    now: now(),
    notices: [],
    example: true,
  });

  const syncState = (): T.SyncState => ({
    headquarters: 'https://hq.example.cn',
    entries_total: entries,
    entries_at_headquarters: there,
    media_pending: running ? 1 : 0,
    media_pending_bytes: running ? 3_400_000 : 0,
    oldest_unsent_at: entries > there ? now() : null,
    last_receipt_at: now(),
    state: entries > there ? 'waiting' : 'idle',
    cause: entries > there ? 'headquarters_unreachable' : null,
    next_attempt_at: entries > there ? moment(new Date(Date.now() + 30_000)) : null,
    numbers_left: 187,
  });

  const recordingState = (): T.RecordingState => {
    if (running) {
      const stored = Date.now() - Date.parse(running.started_at);
      running = { ...running, stored_ms: stored, stored_bytes: Math.round(stored * 310) };
    }
    return { running, cameras: ['测试'], microphones: ['测试'], test_source: true };
  };

  function instrumentOf(id: string): T.InstrumentView {
    return instruments.get(id) ?? refuse('not_found');
  }

  function put(it: T.InstrumentView): T.InstrumentView {
    instruments.set(it.instrument_id, it);
    return { ...it };
  }

  function evidence(case_id: string, kind: string, step: string, state = 'complete'): T.EvidenceRow {
    const id = crypto.randomUUID();
    const row: T.EvidenceRow = {
      evidence_id: id,
      kind,
      captured_at: now(),
      size_bytes: 1_840_000,
      duration_ms: kind === 'video' || kind === 'audio' ? 65_000 : null,
      media_type: kind === 'video' ? 'video/mp4' : 'image/jpeg',
      sha256: '9f2c'.repeat(16),
      step,
      state,
      at_headquarters: false,
      uploaded_bytes: 0,
      content: `stream/evidence/${id}`,
      thumbnail: kind.includes('photo') ? `stream/evidence/${id}/thumbnail` : null,
    };
    const view = cases.get(case_id) ?? refuse('not_found');
    view.evidence = [...view.evidence, row];
    return row;
  }

  const handlers: Handlers = {
    start_state: startState,
    sign_in: ({ credential_no, pin }) => {
      const found = officers.find((it) => it.credential_no === credential_no) ?? refuse('credential_unknown');
      if (found.standing === 'expired') {
        refuse('credential_expired', { credential_no, expired_on: found.valid_to }, [
          { law: '行政处罚法', article: '42' },
        ]);
      }
      if (found.standing === 'not_an_officer') refuse('not_an_officer', { credential_no });
      if (pin !== '135790') refuse('wrong_secret', { retry_after_s: 5 });
      found.signed_in = true;
      return startState();
    },
    set_pin: ({ credential_no, by, by_pin }) => {
      if (by_pin !== '135790') refuse('wrong_secret', { retry_after_s: 5 });
      const found = officers.find((it) => it.credential_no === credential_no) ?? refuse('credential_unknown');
      if (by !== credential_no && found.has_pin) refuse('not_allowed', { reason: 'pin_of_another' });
      found.has_pin = true;
      return startState();
    },
    lock: () => {
      for (const it of officers) it.signed_in = false;
      presentation = null;
      return startState();
    },
    present: () => {
      presentation = {
        presentation_id: 'p1',
        presented_at: now(),
        officers: signedIn(),
        method: 'show',
        uniform_worn: true,
      };
      entries += 1;
      return presentation;
    },
    badge: () => {
      const minted = Date.now() - (Date.now() % 30_000);
      return {
        agency_name: '示例市交通运输综合行政执法支队',
        complaint_phone: '12328',
        officers: signedIn(),
        url: 'https://hq.example.cn/v#token',
        qr_svg: qr(String(minted)),
        minted_at: moment(new Date(minted)),
        changes_at: moment(new Date(minted + 30_000)),
        period_s: 30,
      };
    },
    check_party: ({ party }) => {
      const id = String(party.id_no ?? '');
      const isWrong = id !== '' && id.length !== 18;
      const finding: Finding = {
        field: 'party.id_no',
        rule: 'id_check_digit',
        severity: 'block',
        text: `身份证号应为 18 位，现在是 ${id.length} 位`,
        hint: '请对照证件核对。',
        basis: [],
      };
      return { findings: isWrong ? [finding] : [] };
    },
    open_inspection: (asked) => {
      if (!presentation && !asked.is_planned) refuse('not_presented', {}, [{ law: '行政处罚法', article: '55' }]);
      const id = asked.request_id;
      if (!cases.has(id)) {
        cases.set(id, {
          case_id: id,
          opened_at: now(),
          reason: asked.reason,
          reason_note: asked.reason_note,
          place: asked.place,
          party: asked.party,
          vehicle: asked.vehicle,
          officers: signedIn(),
          presented_at: presentation?.presented_at ?? '',
          instruments: [],
          evidence: [],
          notices_told: [],
          state: 'open',
          approvals: [],
          flags: [],
          payments: [],
          derived: {},
          clocks: [],
          next_steps: [],
          procedures: [],
          timeline: [],
          at_headquarters: false,
        });
      }
      return act(id, 'inspection.opened', asked.place.text);
    },
    amend_case: ({ case_id, party, place, vehicle }) => {
      const view = cases.get(case_id) ?? refuse('not_found');
      Object.assign(view, { party: party ?? view.party, place: place ?? view.place, vehicle: vehicle ?? view.vehicle });
      return act(case_id, 'case.amended', '');
    },
    cases: ({ text }) => {
      const rows = [...cases.values()].map((view) => ({
        case_id: view.case_id,
        opened_at: view.opened_at,
        party_name: String(view.party.name ?? view.party.org_name ?? ''),
        plate: (view.vehicle?.plate as string | undefined) ?? null,
        place_text: view.place.text,
        state: 'open',
        instruments_issued: view.instruments.filter(({ state }) => state === 'issued').length,
        instruments_draft: view.instruments.filter(({ state }) => state === 'draft').length,
        evidence: view.evidence.length,
        at_headquarters: view.at_headquarters,
      }));
      const found = rows.filter((row) => `${row.party_name}${row.plate ?? ''}${row.place_text}`.includes(text));
      return { cases: found, next: null, total: found.length };
    },
    case: ({ case_id }) => ({ ...(cases.get(case_id) ?? refuse('not_found')) }),
    notice_texts: () => ({ notices: pack.notices }),
    tell_notice: ({ case_id, notice, response }) => {
      const view = cases.get(case_id) ?? refuse('not_found');
      view.notices_told = [...view.notices_told, { notice, told_at: now(), response }];
      return act(case_id, 'notice.told', notice);
    },
    forms: ({ case_id }) => ({
      forms: forms.map((form) => ({
        code: form.code,
        title: form.title,
        purpose: form.purpose,
        refusal:
          form.code === 'F21' && !cases.get(case_id)?.notices_told.length
            ? {
                code: 'notice_not_told' as const,
                args: { notice: 'RN-3' },
                findings: [],
                basis: [{ law: '行政处罚法', article: '44' }],
                incident: null,
              }
            : null,
      })),
    }),
    violations: ({ text }) => ({
      violations: violations.filter((it) => `${it.code}${it.title}`.toLowerCase().includes(text.toLowerCase())),
    }),
    start_instrument: ({ case_id, form, request_id }) => {
      const definition = forms.find(({ code }) => code === form) ?? refuse('form_unknown', { form });
      const view = cases.get(case_id) ?? refuse('not_found');
      const value = {
        party: view.party,
        place: view.place,
        ...(view.vehicle ? { vehicle: view.vehicle } : {}),
        officers: view.officers.map(({ name, credential_no }) => ({ name, credential_no })),
        presented_at: view.presented_at,
      };
      const it = put({
        instrument_id: request_id,
        case_id,
        definition,
        state: 'draft',
        value,
        revision: 1,
        findings: required(definition, value),
        signatures: [],
        number: null,
        issued_at: null,
        content_sha256: null,
        delivery: null,
        pdf: null,
        ticket: null,
        preview: `stream/instrument/${request_id}/preview`,
        decided_pdf: null,
        decisions: {},
        seal: null,
        sealed_pdf: null,
      });
      act(case_id, 'instrument.started', definition.title);
      return it;
    },
    instrument: ({ instrument_id }) => ({ ...instrumentOf(instrument_id) }),
    save_draft: ({ instrument_id, value, revision }) => {
      const it = instrumentOf(instrument_id);
      if (revision !== it.revision) refuse('stale', { revision: it.revision });
      const next = put({
        ...it,
        value,
        revision: it.revision + 1,
        findings: required(it.definition, value),
        signatures: it.signatures.map((row) => ({ ...row, is_current: false })),
      });
      act(it.case_id, 'instrument.drafted', it.definition.title);
      return { revision: next.revision, findings: next.findings };
    },
    check_draft: ({ instrument_id, value }) => ({ findings: required(instrumentOf(instrument_id).definition, value) }),
    sign_instrument: ({ instrument_id, slot, name, strokes, refusal }) => {
      const it = instrumentOf(instrument_id);
      const row = { slot, name, signed_at: now(), refusal, strokes, is_current: true };
      const next = put({ ...it, signatures: [...it.signatures.filter((old) => old.slot !== slot), row] });
      act(it.case_id, 'instrument.signed', `${it.definition.title} ${name}`);
      return next;
    },
    issue_instrument: ({ instrument_id }) => {
      const it = instrumentOf(instrument_id);
      const blocking = it.findings.filter(({ severity }) => severity === 'block').length;
      if (blocking) refuse('findings_open', { blocking });
      const missing = it.definition.signers.find(
        (signer) =>
          signer.required && !it.signatures.some(({ slot, is_current }) => slot === signer.slot && is_current),
      );
      if (missing) refuse('signature_missing', { slot: missing.slot });
      const seal = it.definition.is_served ? (seals.forIssuing() ?? refuse('seals_used_up')) : null;
      const number = '示例交罚〔2026〕0001号';
      const issued = {
        number,
        issued_at: now(),
        content_sha256: '4b7d'.repeat(16),
        pdf: `stream/instrument/${instrument_id}/pdf`,
        ticket: `stream/instrument/${instrument_id}/ticket.png`,
      };
      put({ ...it, ...issued, seal, state: 'issued' });
      act(it.case_id, 'instrument.issued', number);
      return { instrument_id, ...issued };
    },
    void_instrument: ({ instrument_id }) => {
      const next = put({ ...instrumentOf(instrument_id), state: 'voided' });
      act(next.case_id, 'instrument.voided', next.number ?? '');
      return next;
    },
    deliver_instrument: ({ instrument_id, method, recipient, note }) => {
      const it = instrumentOf(instrument_id);
      if (it.seal?.is_sealed === false) refuse('not_sealed');
      const next = put({ ...it, delivery: { method, recipient, note, delivered_at: now() } });
      const view = cases.get(it.case_id);
      if (view) {
        view.clocks = [
          {
            name: 'payment',
            text: '缴纳罚款',
            due_on: '2026-12-07',
            due_at: null,
            safe_due: null,
            started_at: now(),
            is_done: false,
            is_provisional: false,
            basis: [{ law: '行政处罚法', article: '67' }],
            instrument_id,
          },
        ];
      }
      act(it.case_id, 'instrument.delivered', recipient);
      return next;
    },
    search_law: ({ text }) => ({
      hits: articles
        .filter((hit) => `${hit.title}${hit.article}${hit.gist}`.includes(text))
        .map((hit) => ({ ...hit, snippet: [{ text: hit.gist, is_match: false }] })),
    }),
    propose_discretion: ({ instrument_id, facts }) => {
      const it = instrumentOf(instrument_id);
      const confirmed = (facts.circumstances ?? []) as string[];
      const isFirst = confirmed.includes('first_time');
      act(it.case_id, 'discretion.shown', '');
      return {
        instrument_id,
        shown_at: now(),
        similar: [],
        advice: advice(isFirst),
      };
    },
    recent_parties: ({ text }) => ({
      parties: [...cases.values()]
        .map((view) => ({
          party_name: String(view.party.org_name ?? view.party.name ?? ''),
          plate: (view.vehicle?.plate as string | undefined) ?? null,
          party: view.party,
          vehicle: view.vehicle,
          met_at: view.opened_at,
          cases: 1,
        }))
        .filter((row) => `${row.party_name}${row.plate ?? ''}`.includes(text)),
    }),
    record_approval: ({ instrument_id, stage, method, approver, opinion }) => {
      const it = instrumentOf(instrument_id);
      const view = cases.get(it.case_id) ?? refuse('not_found');
      view.approvals = [
        ...view.approvals,
        {
          instrument_id,
          form: it.definition.code,
          stage,
          decision: 'approved',
          method,
          name: approver,
          opinion,
          at: now(),
        },
      ];
      return act(it.case_id, 'approval.recorded', opinion);
    },
    flag_case: ({ case_id, flag, value, reason }) => {
      const view = cases.get(case_id) ?? refuse('not_found');
      view.flags = [...view.flags.filter((row) => row.flag !== flag), { flag, value, reason, at: now() }];
      return act(case_id, 'case.flagged', flag);
    },
    record_payment: ({ instrument_id, amount_fen, paid_on, method, receipt_no }) => {
      const it = instrumentOf(instrument_id);
      const view = cases.get(it.case_id) ?? refuse('not_found');
      view.payments = [...view.payments, { instrument_id, amount_fen, surcharge_fen: 0, paid_on, method, receipt_no }];
      return act(it.case_id, 'payment.recorded', receipt_no);
    },
    check_inspection_code: ({ case_id, code, is_unavailable }) => ({
      outcome: is_unavailable ? 'unavailable' : code === 'JC-2026-0001' ? 'valid' : 'unknown',
      party_name: code === 'JC-2026-0001' ? '示例物流有限公司' : '',
      matter: code === 'JC-2026-0001' ? '道路运输经营检查' : '',
      done_this_year: code === 'JC-2026-0001' ? 1 : null,
      cap_per_year: code === 'JC-2026-0001' ? 2 : null,
      case: act(case_id, 'inspection_code.checked', code),
    }),
    check_case: ({ case_id }) => {
      const view = act(case_id, 'case.checked', '');
      const items = checkItems(view);
      return { items, red: 1, amber: items.length - 1, checked_at: now() };
    },
    close_case: ({ case_id, reason }) => {
      const view = cases.get(case_id) ?? refuse('not_found');
      view.state = 'closed';
      return act(case_id, 'case.closed', reason);
    },
    take_photo: ({ case_id, step }) => {
      const row = evidence(case_id, 'photo', step);
      act(case_id, 'evidence.photographed', step);
      return row;
    },
    start_recording: ({ case_id, kind }) => {
      running = {
        evidence_id: crypto.randomUUID(),
        case_id,
        kind,
        started_at: now(),
        stored_ms: 0,
        stored_bytes: 0,
      };
      act(case_id, 'recording.started', kind);
      return recordingState();
    },
    mark_recording: ({ text }) => {
      if (!running) refuse('no_recording_running');
      else act(running.case_id, 'recording.marked', text);
      return recordingState();
    },
    stop_recording: ({ reason }) => {
      if (running) {
        evidence(running.case_id, running.kind, 'scene');
        act(running.case_id, 'recording.closed', reason);
        running = null;
      } else refuse('no_recording_running');
      return recordingState();
    },
    recording: recordingState,
    read_position: ({ nmea }) =>
      nmea || startAs === 'busy'
        ? { latitude_e7: 346_123_456, longitude_e7: 1_137_654_321, fixed_at: now(), satellites: 9 }
        : refuse('failure', { reason: 'no receiver' }),
    printers: () => ({ printers: [...printers] }),
    add_printer: (asked) => {
      const prints_pages = asked.language === 'ipp' || asked.width_dots > 1_000;
      printers.push({ printer_id: crypto.randomUUID(), darkness: 0, offset_dots: 0, prints_pages, ...asked });
      return { printers: [...printers] };
    },
    set_printer: (asked) => {
      for (const printer of printers) if (printer.printer_id === asked.printer_id) Object.assign(printer, asked);
      return { printers: [...printers] };
    },
    find_printers: () => ({
      printers: [
        { name: '二楼办公室', language: 'ipp', address: 'ipp://192.168.1.20:631/ipp/print', model: 'Example Laser 1' },
        { name: 'HPRT MT800', language: 'cpcl', address: '/dev/usb/lp0', model: 'HPRT MT800' },
      ],
    }),
    print_test_page: ({ printer_id }) =>
      printers.find((it) => it.printer_id === printer_id)?.language === 'ipp'
        ? { state: 'confirmed', cause: null }
        : { state: 'failed', cause: 'paper_out' },
    remove_printer: ({ printer_id }) => {
      printers.splice(
        printers.findIndex((it) => it.printer_id === printer_id),
        1,
      );
      return { printers: [...printers] };
    },
    printer_status: ({ printer_id }) =>
      printers.find((it) => it.printer_id === printer_id)?.language === 'ipp'
        ? { state: 'ready', reasons: [], model: 'Example Laser 1' }
        : { state: 'stopped', reasons: ['paper_out', 'low_battery'], model: null },
    print_instrument: ({ instrument_id, printer_id, copy_name, sheet_no }) => {
      const it = instrumentOf(instrument_id);
      const isSheet = it.seal?.mode === 'pre_sealed';
      const finding = isSheet ? seals.finding(sheet_no ?? '') : null;
      if (finding) found([finding]);
      if (isSheet && sheet_no) seals.mark(sheet_no, 'used');
      jobs.unshift({
        job_id: crypto.randomUUID(),
        instrument_id,
        title: it.definition.title,
        printer_name: printers.find((printer) => printer.printer_id === printer_id)?.name ?? '',
        copy_no: jobs.length + 1,
        copy_name,
        is_reprint: jobs.some((job) => job.copy_name === copy_name),
        sheet_no: isSheet ? (sheet_no ?? null) : null,
        state: jobs.length ? 'unknown' : 'waiting',
        cause: jobs.length ? null : 'paper_out',
        next_attempt_at: moment(new Date(Date.now() + 15_000)),
        queued_at: now(),
      });
      act(it.case_id, 'print.queued', copy_name);
      return { jobs: [...jobs] };
    },
    print_queue: () => ({ jobs: [...jobs] }),
    cancel_print: ({ job_id }) => {
      for (const job of jobs) if (job.job_id === job_id) job.state = 'cancelled';
      return { jobs: [...jobs] };
    },
    answer_print: ({ job_id, answer }) => {
      for (const job of jobs) if (job.job_id === job_id) job.state = answer === 'complete' ? 'confirmed' : 'failed';
      return { jobs: [...jobs] };
    },
    sync_state: syncState,
    seal_stock: seals.stock,
    spoil_sheet: ({ sheet_no, reason }) => {
      const finding = seals.finding(sheet_no);
      const needsReason: Finding = {
        field: 'reason',
        rule: 'required',
        severity: 'block',
        text: '没有写明作废原因。',
        hint: '写明为什么作废，例如卡纸、沾水、遗失。',
        basis: [],
      };
      const findings = [...(finding ? [finding] : []), ...(reason.trim() ? [] : [needsReason])];
      if (findings.length) found(findings);
      seals.mark(sheet_no, 'spoiled');
      return seals.stock();
    },
    sync_now: () => {
      there = entries;
      for (const it of instruments.values()) {
        if (it.seal?.is_sealed !== false) continue;
        const seal = { ...it.seal, number: '00000051', is_sealed: true };
        put({ ...it, seal, sealed_pdf: `stream/instrument/${it.instrument_id}/sealed.pdf` });
      }
      return syncState();
    },
    verify_journal: () => ({
      entries,
      sessions: 2,
      head: 'c41f'.repeat(16),
      faults: [],
      is_intact: true,
      projections_equal: true,
    }),
  };

  const host: FakeTerminal = {
    calls,
    officers,
    cases,
    instruments,
    refuseNext: (name, code, args = {}, basis = []) =>
      refusals.set(name, new HostError({ ...plainError(code, args), basis })),
    async call(name, payload) {
      calls.push({ name, payload });
      const refusal = refusals.get(name);
      refusals.delete(name);
      if (refusal) throw refusal;
      return structuredClone(handlers[name](JSON.parse(JSON.stringify(payload)) as never)) as never;
    },
    stream: (path) => {
      if (path.includes('/photo')) return portrait(path);
      const number = /preview\/(\d+)\.svg/.exec(path)?.[1];
      if (number && Number(number) > 2) return 'data:image/png;base64,none';
      return page(number ?? '1', path);
    },
    player: async (path) => path,
    async upload(path) {
      const query = new URLSearchParams(path.split('?')[1]);
      const row = evidence(String(query.get('case_id')), 'imported_photo', String(query.get('step')));
      act(String(query.get('case_id')), 'evidence.imported', String(query.get('name')));
      return row;
    },
  };

  if (startAs !== 'locked') {
    for (const it of officers.slice(0, 2)) it.signed_in = true;
  }
  if (startAs === 'presented' || startAs === 'busy') handlers.present({} as T.Present);
  if (startAs === 'busy') {
    fillBusy(handlers, { put, instrumentOf, evidence, printers, isSealing: sealing.mode !== 'by_hand' });
    there = 5;
  }
  return host;
}

/** `?fake=busy` in the address picks what the terminal already holds. */
function fakeState(): 'locked' | 'ready' | 'presented' | 'busy' {
  const asked = new URLSearchParams(globalThis.location?.search ?? '').get('fake');
  return asked === 'ready' || asked === 'presented' || asked === 'busy' ? asked : 'locked';
}
