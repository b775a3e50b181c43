// The byte-flip sweep: whatever byte of a log's folder is damaged, it is noticed, or it holds
// nothing.
#pragma once

#include "tests/faults/loops/loop.hpp"

namespace factum::test {

/// Makes a small log, half of it in tables and half in the write-ahead log, and flips one bit of
/// `times` bytes of its files, one after the other: every byte if there are not more, else a sample
/// drawn by the seed, of files with content before those without. Each time the log is opened and
/// read as a whole by a process of its own. Gives per kind of file how many flips were found and
/// how; those that changed nothing are dead space, and a program that ended in an assertion of
/// RocksDB is a way to notice. Throws Violation when something else than what was written is read
/// and the signed checkpoint still fits, and when a reader hangs.
///
/// A seed repeats a run, flip by flip, in files with content: they have the same bytes each time
/// but for those that rocksdb_repeatable_env.hpp names, some 400 of 70,000. RocksDB's LOG is never
/// the same.
Counts run_byte_flips(const LoopOptions& options);

}  // namespace factum::test
