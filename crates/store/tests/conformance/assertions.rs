//! Rows that violate the invariants of units and money stop the batch that reads them.

use domain::actor::Actor;
use domain::command::{Command, SetStatus};
use domain::status::Status;
use store::StoreError;
use store::keys::Answers;
use testkit::on_both_databases;

use super::desk::Desk;
use super::sample;

fn cancel() -> Command {
    let booking = sample::booking(1);
    Command::SetStatus(SetStatus {
        booking,
        to: Status::Cancelled,
        expected_version: None,
        by: Actor::System,
        reason: None,
    })
}

on_both_databases! {
    fn a_price_that_does_not_add_up_is_not_written_over(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.submit(&sample::stay(1, 0, 2)).unwrap();
        desk.connection.execute("update bookings set total_minor = total_minor + 1", &[]).unwrap();
        let failed = desk.submit_with(&cancel(), &Answers::default());
        let Err(StoreError::AssertionFailed(failed)) = failed else { panic!("{failed:?}") };
        assert!(failed.to_string().contains("base + tax − discount = total"), "{failed}");
        desk.connection.rollback();
        let stored = store::bookings::by_id(&mut desk.connection, &desk.vault, sample::booking(1)).unwrap();
        assert_eq!(stored.map(|booking| booking.status), Some(Status::Confirmed));
    }
}
