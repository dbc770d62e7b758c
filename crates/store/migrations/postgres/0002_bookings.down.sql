drop table booking_history;
drop table claims;
drop table booking_lines;
drop table bookings;
