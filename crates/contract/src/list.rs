//! The command list macro and what is generated from it.

use serde::Serialize;

/// Where a call comes from. Each surface may call only what its commands say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// The officer's window on the terminal.
    Officer,
    /// What the person concerned sees on the terminal.
    Party,
    /// Headquarters' console after login.
    Console,
    /// Anyone with a phone.
    Public,
}

/// Reads provide tags, acts invalidate them; screens refetch by tag and never guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "effect", content = "tags", rename_all = "snake_case")]
pub enum Effect {
    Reads(&'static [&'static str]),
    Acts(&'static [&'static str]),
}

/// One row of the command list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommandInfo {
    pub name: &'static str,
    pub surfaces: &'static [Surface],
    pub effect: Effect,
}

/// Declares types that cross the boundary: structs and enums with public members, written to the named TypeScript file.
/// Needs `Serialize`, `Deserialize` and `TS` in scope.
///
/// ```ignore
/// contract::wire! { "terminal.ts";
///     /// No arguments.
///     struct Empty {}
/// }
/// ```
#[macro_export]
macro_rules! wire {
    ($file:tt; $( $(#[$meta:meta])* $kind:ident $name:ident { $($body:tt)* } )+) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
        #[serde(rename_all = "snake_case")]
        #[ts(export_to = $file)]
        pub $kind $name { $($body)* }
    )+ };
}

/// Declares a surface's commands.
///
/// ```ignore
/// contract::commands! {
///     /// The handlers of the terminal.
///     pub trait Handlers;
///     start_state: Empty => StartState, on [Officer, Party], reads ["session"];
///     sign_in: SignIn => StartState, on [Officer], acts ["session", "cases"];
/// }
/// ```
#[macro_export]
macro_rules! commands {
    (
        $(#[$meta:meta])* $vis:vis trait $handlers:ident;
        $( $(#[$doc:meta])* $name:ident: $request:ty => $response:ty, on [$($surface:ident),+], $effect:ident [$($tag:literal),*]; )+
    ) => {
        $(#[$meta])*
        $vis trait $handlers {
            $( $(#[$doc])* fn $name(&self, request: $request) -> Result<$response, $crate::BoundaryError>; )+
        }

        /// Every command of this list.
        $vis const COMMANDS: &[$crate::CommandInfo] = &[
            $( $crate::CommandInfo {
                name: stringify!($name),
                surfaces: &[$($crate::Surface::$surface),+],
                effect: $crate::commands!(@effect $effect [$($tag),*]),
            } ),+
        ];

        /// Calls a command by name with a JSON payload; answers with JSON text.
        $vis fn route(
            handlers: &impl $handlers,
            surface: $crate::Surface,
            name: &str,
            payload: &[u8],
        ) -> Result<Vec<u8>, $crate::BoundaryError> {
            let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
                return Err($crate::BoundaryError::new($crate::Code::NotFound).with("command", name));
            };
            if !command.surfaces.contains(&surface) {
                return Err($crate::BoundaryError::new($crate::Code::NotAllowed).with("command", name));
            }
            match name {
                $( stringify!($name) => {
                    let request: $request = $crate::serde_json::from_slice(payload).map_err(|error| {
                        $crate::BoundaryError::new($crate::Code::BadRequest).with("reason", error.to_string())
                    })?;
                    let response = handlers.$name(request)?;
                    $crate::serde_json::to_vec(&response).map_err(|error| {
                        $crate::BoundaryError::new($crate::Code::Failure).with("reason", error.to_string())
                    })
                } )+
                _ => Err($crate::BoundaryError::new($crate::Code::NotFound).with("command", name)),
            }
        }

        /// Writes the TypeScript of every type that this list speaks of, a file for each crate's types.
        $vis fn export_types(config: &$crate::ts_rs::Config) -> Result<(), $crate::ts_rs::ExportError> {
            $(
                <$request as $crate::ts_rs::TS>::export_all(config)?;
                <$response as $crate::ts_rs::TS>::export_all(config)?;
            )+
            Ok(())
        }

        /// `(name, request type, response type)` in TypeScript, for the generated client.
        $vis fn signatures() -> Vec<(&'static str, String, String)> {
            let config = $crate::ts_rs::Config::default();
            vec![ $( (
                stringify!($name),
                <$request as $crate::ts_rs::TS>::name(&config),
                <$response as $crate::ts_rs::TS>::name(&config),
            ) ),+ ]
        }
    };
    (@effect reads [$($tag:literal),*]) => { $crate::Effect::Reads(&[$($tag),*]) };
    (@effect acts [$($tag:literal),*]) => { $crate::Effect::Acts(&[$($tag),*]) };
}

/// The TypeScript table of a command list: types by name plus effects, imported by `ui/src/platform`.
///
/// `imports` is the import block for the named types.
pub fn typescript_client(
    table: &str,
    imports: &str,
    commands: &[CommandInfo],
    signatures: &[(&'static str, String, String)],
) -> String {
    let mut text = format!(
        "// Generated from the command list in Rust. Do not edit.\n{imports}\n\nexport interface {table} {{\n"
    );
    for (name, request, response) in signatures {
        text.push_str(&format!(
            "  {name}: {{ request: {request}; response: {response} }};\n"
        ));
    }
    text.push_str("}\n\n");
    let constant = format!("{}Effects", lower_first(table));
    text.push_str(&format!(
        "export const {constant}: Record<keyof {table}, {{ effect: \"reads\" | \"acts\"; tags: string[] }}> = {{\n"
    ));
    for command in commands {
        let (effect, tags) = match command.effect {
            Effect::Reads(tags) => ("reads", tags),
            Effect::Acts(tags) => ("acts", tags),
        };
        let tags = tags
            .iter()
            .map(|tag| format!("\"{tag}\""))
            .collect::<Vec<_>>()
            .join(", ");
        text.push_str(&format!(
            "  {}: {{ effect: \"{effect}\", tags: [{tags}] }},\n",
            command.name
        ));
    }
    text.push_str("};\n");
    text
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
