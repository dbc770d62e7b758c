// What a program in TypeScript does with the types: variants are told apart by `kind`.
import type { components, operations } from "./api";

type Booking = components["schemas"]["Booking"];
type Booked = operations["createBooking"]["responses"]["201"]["content"]["application/json"];

export function nights(booking: Booking): string[] {
  return booking.lines.map((line) => {
    switch (line.kind) {
      case "stay":
        return `${line.checkin_date} to ${line.checkout_date}`;
      case "ticket":
        return `${line.seat_count} seats`;
      default:
        return line.kind;
    }
  });
}

export const total = (booked: Booked): number => booked.total_price.amount;
