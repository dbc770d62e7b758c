//! Reading files compressed with zstd (RFC 8878).

use std::io::{BufRead, Error, ErrorKind, Read, Result};

use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

/// What a frame begins with (§3.1.1).
pub const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The memory that a file may ask for, in bytes: as much as the `zstd` program grants.
const WINDOW_MAX: u64 = 1 << 27;

/// The content of a file, which is one frame after the other.
pub struct Frames<R: BufRead> {
    frame: Frame<R>,
}

/// `Between` lasts only while the next frame is opened; after an error nothing more is read.
enum Frame<R: BufRead> {
    Open(Box<StreamingDecoder<R, FrameDecoder>>),
    Between,
}

impl<R: BufRead> Frames<R> {
    pub fn new(source: R) -> Result<Self> {
        Ok(Self { frame: Frame::open(source)? })
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            let Frame::Open(frame) = &mut self.frame else { return Ok(0) };
            let count = frame.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            check(&frame.decoder)?;
            if frame.get_mut().fill_buf()?.is_empty() {
                return Ok(0);
            }
            if let Frame::Open(frame) = std::mem::replace(&mut self.frame, Frame::Between) {
                self.frame = Frame::open(frame.into_inner())?;
            }
        }
    }
}

impl<R: BufRead> Frame<R> {
    fn open(source: R) -> Result<Self> {
        let decoder = StreamingDecoder::new_with_max_window_size(source, WINDOW_MAX);
        Ok(Self::Open(Box::new(decoder.map_err(Error::other)?)))
    }
}

/// Compares a frame's checksum, where it has one.
fn check(decoder: &FrameDecoder) -> Result<()> {
    match decoder.get_checksum_from_data() {
        Some(stored) if decoder.get_calculated_checksum() != Some(stored) => {
            Err(Error::new(ErrorKind::InvalidData, "the checksum of a zstd frame does not match"))
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
pub mod tests {
    use std::io::Read as _;

    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::Frames;

    pub fn compressed(text: &str) -> Vec<u8> {
        compress_to_vec(text.as_bytes(), CompressionLevel::Fastest)
    }

    fn read(bytes: &[u8]) -> std::io::Result<String> {
        let mut text = String::new();
        Frames::new(bytes)?.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn frames_are_read_one_after_the_other() {
        let text = "a row of many\n".repeat(20_000);
        let bytes = [compressed(&text), compressed(""), compressed("the end")].concat();
        assert_eq!(read(&bytes).unwrap(), text + "the end");
    }

    #[test]
    fn a_changed_checksum_is_an_error() {
        let mut bytes = compressed("a row");
        *bytes.last_mut().unwrap() ^= 1;
        assert!(read(&bytes).unwrap_err().to_string().contains("checksum"));
    }

    #[test]
    fn a_cut_frame_is_an_error() {
        let bytes = compressed(&"a row of many\n".repeat(2_000));
        assert!(read(&bytes[..bytes.len() / 2]).is_err());
        assert!(read(&bytes[..6]).is_err());
    }
}
