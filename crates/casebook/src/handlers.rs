//! The command list meets the acts.

use contract::{BoundaryError, Code};

use crate::acts::{
    casework, checking, delivery, discretion, drafting, evidence, inspection, issuing, overview,
    presentation, printers, printing, recording, sealing, search,
};
use crate::contract::*;
use crate::failure::No;
use crate::terminal::Terminal;

type Answer<R> = Result<R, BoundaryError>;

impl Terminal {
    /// Acts that talk to devices take the desk for themselves, piece by piece.
    fn device_act(&self, command: &str, work: impl FnOnce() -> Result<(), No>) -> Answer<()> {
        match work() {
            Ok(()) => {
                self.uplink.wake(&self.driver);
                Ok(())
            }
            // Routed through the desk once more, so that the refusal is recorded like any other.
            Err(No::Refused(refusal)) => self.act(command, |_| Err(refusal.into())),
            Err(no) => Err(self.answer(no)),
        }
    }
}

impl Handlers for Terminal {
    fn start_state(&self, _: Empty) -> Answer<StartState> {
        Terminal::start_state(self)
    }

    fn sign_in(&self, request: SignIn) -> Answer<StartState> {
        Terminal::sign_in(self, &request)
    }

    fn set_pin(&self, request: SetPin) -> Answer<StartState> {
        Terminal::set_pin(self, &request)
    }

    fn lock(&self, _: Empty) -> Answer<StartState> {
        self.lock_terminal()
    }

    fn present(&self, request: Present) -> Answer<PresentationView> {
        self.act("present", |desk| {
            presentation::present(self, desk, &request)
        })
    }

    fn badge(&self, request: Empty) -> Answer<BadgeView> {
        presentation::badge(self, request)
    }

    fn check_party(&self, request: CheckParty) -> Answer<Findings> {
        self.read(|desk| inspection::check_party(self, desk, &request))
    }

    fn open_inspection(&self, request: OpenInspection) -> Answer<CaseView> {
        self.act("open_inspection", |desk| {
            let case_id = inspection::open(self, desk, &request)?;
            overview::case(self, desk, &case_id)
        })
    }

    fn amend_case(&self, request: AmendCase) -> Answer<CaseView> {
        self.act("amend_case", |desk| {
            inspection::amend(self, desk, &request)?;
            overview::case(self, desk, &request.case_id)
        })
    }

    fn cases(&self, request: ListCases) -> Answer<CaseList> {
        self.read(|desk| {
            desk.session()?;
            overview::cases(desk, &request)
        })
    }

    fn case(&self, request: CaseId) -> Answer<CaseView> {
        self.read(|desk| {
            desk.session()?;
            overview::case(self, desk, &request.case_id)
        })
    }

    fn notice_texts(&self, request: CaseId) -> Answer<NoticeTexts> {
        self.read(|desk| inspection::notice_texts(desk, &request))
    }

    fn tell_notice(&self, request: TellNotice) -> Answer<CaseView> {
        self.act("tell_notice", |desk| {
            inspection::tell(self, desk, &request)?;
            overview::case(self, desk, &request.case_id)
        })
    }

    fn forms(&self, request: CaseId) -> Answer<FormRows> {
        self.read(|desk| {
            desk.session()?;
            drafting::forms(self, desk, &request.case_id)
        })
    }

    fn violations(&self, request: SearchViolations) -> Answer<ViolationRows> {
        self.read(|desk| search::violations(self, desk, &request))
    }

    fn search_law(&self, request: SearchLaw) -> Answer<LawHits> {
        self.read(|desk| search::law(self, desk, &request))
    }

    fn recent_parties(&self, request: SearchParties) -> Answer<RecentParties> {
        self.read(|desk| search::parties(desk, &request))
    }

    fn propose_discretion(&self, request: ProposeDiscretion) -> Answer<DiscretionView> {
        self.act("propose_discretion", |desk| {
            discretion::propose(self, desk, &request)
        })
    }

    fn start_instrument(&self, request: StartInstrument) -> Answer<InstrumentView> {
        self.act("start_instrument", |desk| {
            let instrument_id = drafting::start(self, desk, &request)?;
            overview::instrument_view(self, desk, &instrument_id)
        })
    }

    fn instrument(&self, request: InstrumentId) -> Answer<InstrumentView> {
        self.read(|desk| {
            desk.session()?;
            overview::instrument_view(self, desk, &request.instrument_id)
        })
    }

    fn save_draft(&self, request: SaveDraft) -> Answer<DraftSaved> {
        self.act("save_draft", |desk| drafting::save(self, desk, &request))
    }

    fn check_draft(&self, request: SaveDraft) -> Answer<Findings> {
        self.read(|desk| {
            desk.session()?;
            drafting::check(self, desk, &request)
        })
    }

    fn sign_instrument(&self, request: SignInstrument) -> Answer<InstrumentView> {
        self.act("sign_instrument", |desk| {
            drafting::sign(self, desk, &request)?;
            overview::instrument_view(self, desk, &request.instrument_id)
        })
    }

    fn issue_instrument(&self, request: InstrumentId) -> Answer<Issued> {
        self.act("issue_instrument", |desk| {
            issuing::issue(self, desk, &request)
        })
    }

    fn void_instrument(&self, request: VoidInstrument) -> Answer<InstrumentView> {
        self.act("void_instrument", |desk| {
            issuing::void(self, desk, &request)?;
            overview::instrument_view(self, desk, &request.instrument_id)
        })
    }

    fn deliver_instrument(&self, request: DeliverInstrument) -> Answer<InstrumentView> {
        self.act("deliver_instrument", |desk| {
            delivery::deliver(self, desk, &request)?;
            overview::instrument_view(self, desk, &request.instrument_id)
        })
    }

    fn record_approval(&self, request: RecordApproval) -> Answer<CaseView> {
        self.act("record_approval", |desk| {
            let case_id = casework::record_approval(self, desk, &request)?;
            overview::case(self, desk, &case_id)
        })
    }

    fn flag_case(&self, request: FlagCase) -> Answer<CaseView> {
        self.act("flag_case", |desk| {
            casework::flag(self, desk, &request)?;
            overview::case(self, desk, &request.case_id)
        })
    }

    fn record_payment(&self, request: RecordPayment) -> Answer<CaseView> {
        self.act("record_payment", |desk| {
            let case_id = casework::pay(self, desk, &request)?;
            overview::case(self, desk, &case_id)
        })
    }

    fn check_inspection_code(&self, request: CheckInspectionCode) -> Answer<CodeChecked> {
        self.act("check_inspection_code", |desk| {
            let checked = casework::check_code(self, desk, &request)?;
            let granted = checked.granted;
            Ok(CodeChecked {
                outcome: checked.outcome.to_owned(),
                done_this_year: granted.as_ref().map(|granted| granted.done_this_year),
                cap_per_year: granted.as_ref().and_then(|granted| granted.cap_per_year),
                party_name: granted
                    .as_ref()
                    .map(|granted| granted.party_name.clone())
                    .unwrap_or_default(),
                matter: granted.map(|granted| granted.matter).unwrap_or_default(),
                case: overview::case(self, desk, &request.case_id)?,
            })
        })
    }

    fn check_case(&self, request: CaseId) -> Answer<CaseCheck> {
        self.act("check_case", |desk| {
            checking::check(self, desk, &request.case_id)
        })
    }

    fn close_case(&self, request: CloseCase) -> Answer<CaseView> {
        self.act("close_case", |desk| {
            casework::close(self, desk, &request)?;
            overview::case(self, desk, &request.case_id)
        })
    }

    fn take_photo(&self, request: TakePhoto) -> Answer<EvidenceRow> {
        let row = evidence::take_photo(self, &request).map_err(|no| self.answer(no))?;
        self.uplink.wake(&self.driver);
        Ok(row)
    }

    fn start_recording(&self, request: StartRecording) -> Answer<RecordingState> {
        self.device_act("start_recording", || recording::start(self, &request))?;
        Ok(recording::state(self))
    }

    fn mark_recording(&self, request: MarkRecording) -> Answer<RecordingState> {
        self.device_act("mark_recording", || recording::mark(self, &request))?;
        Ok(recording::state(self))
    }

    fn stop_recording(&self, request: StopRecording) -> Answer<RecordingState> {
        self.device_act("stop_recording", || recording::stop(self, &request))?;
        Ok(recording::state(self))
    }

    fn recording(&self, _: Empty) -> Answer<RecordingState> {
        Ok(recording::state(self))
    }

    fn read_position(&self, request: ReadPosition) -> Answer<Position> {
        let fix = devices::position::read_nmea(&request.nmea).map_err(|fault| {
            BoundaryError::new(Code::BadRequest).with("reason", fault.to_string())
        })?;
        Ok(Position {
            latitude_e7: fix.latitude_e7,
            longitude_e7: fix.longitude_e7,
            fixed_at: fix.fixed_at,
            satellites: fix.satellites,
        })
    }

    fn printers(&self, _: Empty) -> Answer<PrinterRows> {
        self.read(|desk| printers::printers(desk))
    }

    fn add_printer(&self, request: AddPrinter) -> Answer<PrinterRows> {
        self.act("add_printer", |desk| {
            printers::add_printer(self, desk, &request)
        })
    }

    fn set_printer(&self, request: SetPrinter) -> Answer<PrinterRows> {
        self.act("set_printer", |desk| printers::set_printer(desk, &request))
    }

    fn remove_printer(&self, request: PrinterId) -> Answer<PrinterRows> {
        self.act("remove_printer", |desk| {
            printers::remove_printer(self, desk, &request)
        })
    }

    fn find_printers(&self, _: Empty) -> Answer<FoundPrinters> {
        printers::find(self).map_err(|no| self.answer(no))
    }

    fn print_test_page(&self, request: PrinterId) -> Answer<TestPage> {
        printers::test_page(self, &request).map_err(|no| self.answer(no))
    }

    fn printer_status(&self, request: PrinterId) -> Answer<PrinterStatus> {
        printers::status(self, &request).map_err(|no| self.answer(no))
    }

    fn print_instrument(&self, request: PrintInstrument) -> Answer<PrintQueue> {
        self.act("print_instrument", |desk| {
            printing::print(self, desk, &request)
        })
    }

    fn print_queue(&self, _: Empty) -> Answer<PrintQueue> {
        self.read(|desk| printing::queue(desk))
    }

    fn cancel_print(&self, request: PrintJobId) -> Answer<PrintQueue> {
        self.act("cancel_print", |desk| {
            printing::cancel(self, desk, &request)
        })
    }

    fn answer_print(&self, request: AnswerPrint) -> Answer<PrintQueue> {
        self.act("answer_print", |desk| {
            printing::answer(self, desk, &request)
        })
    }

    fn seal_stock(&self, _: Empty) -> Answer<SealStock> {
        self.read(|desk| sealing::stock(desk))
    }

    fn spoil_sheet(&self, request: SpoilSheet) -> Answer<SealStock> {
        self.act("spoil_sheet", |desk| {
            sealing::spoil_sheet(self, desk, &request)
        })
    }

    fn sync_state(&self, _: Empty) -> Answer<SyncState> {
        self.read(|desk| overview::sync_state(self, desk))
    }

    fn sync_now(&self, _: Empty) -> Answer<SyncState> {
        self.uplink.retry_now(&self.driver);
        self.read(|desk| overview::sync_state(self, desk))
    }

    fn verify_journal(&self, _: Empty) -> Answer<JournalReport> {
        overview::verify_journal(self).map_err(|no| self.answer(no))
    }
}
