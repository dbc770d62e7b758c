//! `holdfast config`: checks and shows the settings.

use std::process::ExitCode;

use crate::cli::{Config, ConfigAct};
use crate::settings::{Purpose, Settings, Sources, show};

pub fn run(asked: &Config, sources: &Sources) -> ExitCode {
    match asked.act {
        ConfigAct::Check => check(sources),
        ConfigAct::Show { json } => {
            if json {
                println!("{:#}", show::json(sources));
            } else {
                println!("{}", show::lines(sources).join("\n"));
            }
            ExitCode::SUCCESS
        }
        ConfigAct::Table => {
            print!("{}", show::markdown());
            ExitCode::SUCCESS
        }
    }
}

fn check(sources: &Sources) -> ExitCode {
    match Settings::load(sources, Purpose::Serve) {
        Ok(_) => {
            println!("ok");
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            for wrong in wrong {
                println!("{wrong}");
            }
            ExitCode::FAILURE
        }
    }
}
