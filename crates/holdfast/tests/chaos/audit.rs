//! The audit log, checked from outside.

use testkit::on_both_databases;

use super::server::{Server, holdfast, said, verified_bookings};

on_both_databases! {
    fn process_verify_misses_what_was_taken_from_the_audit_log(database: &TestDatabase) {
        let url = database.url();
        for _ in 0..2 {
            Server::start(&url).stop();
        }
        assert_eq!(verified_bookings(&url), 0);
        let verify = || holdfast().args(["verify", "--database", &url]).output().unwrap();
        database.writer().execute_script("update audit_log set actor = 'nobody'").unwrap();
        let output = verify();
        let told = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert_eq!(told.matches("difference: audit log: entry 1 of writer").count(), 2, "{told}");
        // Without the secret it cannot be checked, and the program says so.
        let output = holdfast()
            .args(["verify", "--database", &url])
            .env("SECRET_KEY", "another secret of thirty-two bytes or so")
            .output()
            .unwrap();
        assert!(!output.status.success() && said(&output).contains("cannot check the audit log"), "{output:?}");
    }
}
