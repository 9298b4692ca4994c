//! What happens outside terminals and headquarters: time, network, the public, the disk.

use contract::BoundaryError;
use serde_json::{Value, json};

use super::office;
use super::read::{Fields, text_of};
use super::time::{moment, span_of, time_text};
use super::world::{Outcome, Stop, World, is_on, said_no};

impl World<'_> {
    pub(super) fn outside(&mut self, act: &str, fields: &Fields) -> Result<Outcome, Stop> {
        let text = |key: &str| fields.get(key).map(text_of).unwrap_or_default();
        let answer = match act {
            "expect" => {
                self.push()?;
                for index in 0..self.units.len() {
                    if self.units.get(index).is_some_and(|unit| unit.is_behind) {
                        self.meet(index, false)?;
                    }
                }
                Value::Null
            }
            "wait" => {
                let text = text("for");
                if !text.is_empty() {
                    let span = span_of(&text)
                        .ok_or_else(|| Stop::Broken(format!("`for` is no span: {text}")))?;
                    self.ground.clock.advance(span);
                }
                json!({ "now": time_text(self.now()) })
            }
            "set_clock" => {
                let to = moment(&text("to"), Some(self.now()))
                    .ok_or_else(|| Stop::Broken("`to` is no moment".to_owned()))?;
                self.ground.clock.set_wall_clock(to);
                json!({ "now": time_text(self.now()) })
            }
            "network" => {
                let current = self.current;
                // What happened while there was a way is known on both sides before it is cut.
                if !is_on(fields.get("is")) {
                    self.meet(current, false)?;
                }
                let unit = self
                    .units
                    .get_mut(current)
                    .ok_or_else(|| Stop::Broken("no terminal".to_owned()))?;
                let done = match is_on(fields.get("is")) {
                    true => self.ground.connect(unit),
                    false => {
                        self.ground.cut(unit);
                        Ok(())
                    }
                };
                done.map_err(|failed| failed.to_string())?;
                Value::Null
            }
            "sync" => {
                let met = self.meet(self.current, true)?;
                if let Some(cause) = met.get("cause").and_then(Value::as_str) {
                    let error = BoundaryError::new(contract::Code::HeadquartersUnreachable)
                        .with("cause", cause);
                    return Err(said_no("sync", error));
                }
                met
            }
            "public" => self.public(
                &text("command"),
                fields.get("payload").unwrap_or(&json!({})),
            )?,
            "scan_badge" => office::scan_badge(self, &text("later"))?,
            "scan_paper" => office::scan_paper(self, fields)?,
            "publish_roster" => office::publish_roster(self, fields)?,
            "publish_pack" => office::publish_pack(self, fields)?,
            "tamper" => super::tamper::act(self, &text("with"), &text("how"))?,
            other => return Err(Stop::Broken(format!("nobody does `{other}`"))),
        };
        Ok(Outcome::of(answer))
    }
}
