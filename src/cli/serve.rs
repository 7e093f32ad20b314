//! `casecoder serve`: the HTTP service.

use super::output::Output;
use super::{Ended, Resources};
use crate::config::{ServeArgs, Settings, unknown_variables};
use crate::{api, telemetry};

pub(super) fn run(mut args: ServeArgs, resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    // The two folders are flags of every command; where they are given they beat the file's.
    args.options.lexicons = args.options.lexicons.or_else(|| resources.lexicons.clone());
    args.options.models = args.options.models.or_else(|| resources.models.clone());
    for name in unknown_variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())) {
        output.talk(format_args!("warning: the environment variable {name} is not a setting of this program"));
    }
    let settings = Settings::load(&args)?;
    telemetry::start(settings.log_format, settings.log_level);
    api::serve(settings, telemetry::metrics())?;
    Ok(Ended::Done)
}
