//! The rows of the Hotel Booking Demand data (Antonio, Almeida, Nunes, Data in Brief 22, 2019): one booking per row,
//! with dates only. Prices and most other columns are not needed for a replay and are ignored.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context as _;
use csv::{ByteRecord, Reader, ReaderBuilder, Trim};
use domain::limits::SLOTS_PER_ORDER_MAX;
use domain::line::StayDates;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::fields::{Columns, Fields};
use super::zstd;

/// Maximum number of adults, children or babies in one row.
const PEOPLE_MAX: i64 = 1_000_000;
/// Maximum days between booking and arrival: a thousand years.
const LEAD_DAYS_MAX: i64 = 365_250;
const YEAR_MAX: i64 = 9_999;
const NEEDED: [&str; 12] = [
    "lead_time",
    "arrival_date_year",
    "arrival_date_month",
    "arrival_date_day_of_month",
    "stays_in_weekend_nights",
    "stays_in_week_nights",
    "adults",
    "children",
    "babies",
    "reserved_room_type",
    "reservation_status",
    "reservation_status_date",
];

/// One booking of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Counted from 0, without the header.
    pub number: usize,
    pub room_type: String,
    pub booked_on: Date,
    pub stay: StayDates,
    pub guests: i64,
    pub cancelled_on: Option<Date>,
}

#[derive(Debug)]
pub struct History {
    pub rows: Vec<Row>,
    /// Rows without nights.
    pub skipped: usize,
}

/// Reads a whole file, plain or compressed with zstd.
pub fn read(path: &Path) -> anyhow::Result<History> {
    let named = || path.display().to_string();
    let mut table = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(open(path)?);
    let columns = table.byte_headers().map_err(anyhow::Error::from);
    let columns = columns.and_then(|header| Columns::new(header, &NEEDED)).with_context(named)?;
    read_rows(&mut table, &columns).with_context(named)
}

fn open(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    let cannot = || format!("cannot read {}", path.display());
    let mut file = BufReader::new(File::open(path).with_context(cannot)?);
    if file.fill_buf().with_context(cannot)?.starts_with(&zstd::MAGIC) {
        return Ok(Box::new(zstd::Frames::new(file).with_context(cannot)?));
    }
    Ok(Box::new(file))
}

fn read_rows(table: &mut Reader<impl Read>, columns: &Columns) -> anyhow::Result<History> {
    let mut history = History { rows: Vec::new(), skipped: 0 };
    let mut record = ByteRecord::new();
    for number in 0.. {
        let at = || format!("row {number}");
        if !table.read_byte_record(&mut record).with_context(at)? {
            break;
        }
        let at = || {
            let line = record.position().map_or(0, csv::Position::line);
            format!("row {number} (line {line})")
        };
        match columns.of(&record).and_then(|fields| row(number, &fields)).with_context(at)? {
            Some(row) => history.rows.push(row),
            None => history.skipped += 1,
        }
    }
    Ok(history)
}

/// The row's booking; `None` if it has no nights.
fn row(number: usize, fields: &Fields<'_>) -> anyhow::Result<Option<Row>> {
    let nights_max = i64::try_from(SLOTS_PER_ORDER_MAX).unwrap_or(i64::MAX) / 2;
    let weekend = fields.number("stays_in_weekend_nights", nights_max)?;
    let nights = weekend + fields.number("stays_in_week_nights", nights_max)?;
    if nights == 0 {
        return Ok(None);
    }
    let checkin = arrival(fields)?;
    let checkout = checkin.checked_add(nights.days());
    let lead = fields.number("lead_time", LEAD_DAYS_MAX)?;
    let booked_on = checkin.checked_sub(lead.days()).expect("a calendar holds the years before year 0");
    Ok(Some(Row {
        number,
        room_type: fields.word("reserved_room_type")?.to_owned(),
        booked_on,
        stay: StayDates {
            checkin,
            checkout: checkout.context("column stays_in_week_nights: the stay ends beyond the calendar")?,
        },
        guests: guests(fields)?,
        cancelled_on: match fields.text("reservation_status")? {
            "Canceled" => Some(fields.date("reservation_status_date")?),
            // Checked out, or a no-show, which keeps its stay.
            _ => None,
        },
    }))
}

fn arrival(fields: &Fields<'_>) -> anyhow::Result<Date> {
    let year = fields.number("arrival_date_year", YEAR_MAX)?;
    let month = fields.month("arrival_date_month")?;
    let day = fields.number("arrival_date_day_of_month", 31)?;
    let date = Date::new(i16::try_from(year)?, month, i8::try_from(day)?);
    date.with_context(|| format!("column arrival_date_day_of_month: {year}-{month}-{day} is not a date"))
}

/// All guests. In the published files the number can be 0.
fn guests(fields: &Fields<'_>) -> anyhow::Result<i64> {
    ["adults", "children", "babies"]
        .into_iter()
        .map(|people| fields.number_if_known(people, PEOPLE_MAX))
        .sum()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const HEADER: &str = "hotel,lead_time,arrival_date_year,arrival_date_month,arrival_date_day_of_month,\
        stays_in_weekend_nights,stays_in_week_nights,adults,children,babies,country,reserved_room_type,adr,\
        reservation_status,reservation_status_date";
    const PLAIN: &str = "R,10,2016,March,1,0,2,2,1,0,PRT,A,80,Check-Out,2016-03-03";

    fn parse(text: &[u8]) -> anyhow::Result<History> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rows.csv");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    fn expect_wrong(row: &str, expected: &str) {
        let told = format!("{:#}", parse(format!("{HEADER}\n{PLAIN}\n{row}\n").as_bytes()).unwrap_err());
        assert!(told.contains("rows.csv: row 1 (line 3): ") && told.contains(expected), "{told}");
    }

    #[test]
    fn a_row_is_read_and_one_without_nights_skipped() {
        let without_nights = PLAIN.replace("1,0,2,2", "1,0,0,2");
        let cancelled = PLAIN.replace("2,1,0,PRT,A", "0,NA,0,NULL,D  ").replace("Check-Out", "Canceled");
        let text = format!("{HEADER}\n{without_nights}\n{PLAIN}\n{cancelled}\n");
        let compressed = zstd::tests::compressed(&text);
        for history in [parse(text.as_bytes()).unwrap(), parse(&compressed).unwrap()] {
            let stay = StayDates { checkin: date(2016, 3, 1), checkout: date(2016, 3, 3) };
            let plain = Row {
                number: 1,
                room_type: "A".to_owned(),
                booked_on: date(2016, 2, 20),
                stay,
                guests: 3,
                cancelled_on: None,
            };
            let cancelled_on = Some(date(2016, 3, 3));
            let cancelled =
                Row { number: 2, room_type: "D".to_owned(), guests: 0, cancelled_on, ..plain.clone() };
            assert_eq!(history.rows, [plain, cancelled]);
            assert_eq!(history.skipped, 1);
        }
    }

    #[test]
    fn a_broken_row_is_named_with_its_column() {
        for (good, broken, expected) in [
            ("R,10", "R,ten", "column lead_time: \"ten\" is not a number from 0"),
            ("R,10", "R,-1", "column lead_time: \"-1\""),
            ("R,10", "R,99999999999999999999", "column lead_time"),
            ("2016,March", "16000,March", "column arrival_date_year"),
            (
                "2016,March,1,0,2",
                "9999,December,31,0,1",
                "column stays_in_week_nights: the stay ends beyond the calendar",
            ),
            ("March", "Mars", "column arrival_date_month: \"Mars\" is not a month"),
            ("March,1", "February,30", "column arrival_date_day_of_month: 2016-2-30 is not a date"),
            ("1,0,2,2", "1,NULL,2,2", "column stays_in_weekend_nights"),
            (
                "1,0,2,2",
                "1,0,20000,2",
                "column stays_in_week_nights: \"20000\" is not a number from 0 to 10000",
            ),
            ("1,0,2,2", "1,0,2,two", "column adults"),
            ("PRT,A", "PRT,", "column reserved_room_type: empty"),
            (
                "Check-Out,2016-03-03",
                "Canceled,soon",
                "column reservation_status_date: \"soon\" is not a date",
            ),
            (",2016-03-03", "", "column reservation_status_date: missing, the row has only 14 fields"),
            ("2016-03-03", "2016-03-03,x", "column 16: not in the header, which has 15"),
        ] {
            expect_wrong(&PLAIN.replacen(good, broken, 1), expected);
        }
    }

    #[test]
    fn broken_files_are_errors() {
        let wrong = |text: &[u8]| format!("{:#}", parse(text).unwrap_err());
        assert!(wrong(b"").ends_with("rows.csv: the header has no column lead_time"));
        let short = HEADER.replace(",babies", "");
        assert!(wrong(short.as_bytes()).ends_with("rows.csv: the header has no column babies"));
        let mut binary = format!("{HEADER}\n{}", PLAIN.replace(",A,", ",?,")).into_bytes();
        let mark = binary.iter().rposition(|byte| *byte == b'?').unwrap();
        binary[mark] = 0xff;
        assert!(wrong(&binary).contains("row 0 (line 2): column reserved_room_type: not UTF-8"));
        let mut cut = zstd::tests::compressed(&format!("{HEADER}\n{PLAIN}\n").repeat(500));
        cut.truncate(cut.len() / 2);
        assert!(wrong(&cut).contains("rows.csv"));
    }
}
