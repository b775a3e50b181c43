#include "tests/support/rocksdb_fault_file_system.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

namespace factum::test {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus power_is_off() { return IOStatus::IOError("the power is off"); }

// "WAL", "table", … from the name of a file.
std::string kind_of(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  if (name.ends_with(".log")) return "WAL";
  if (name.ends_with(".sst")) return "table";
  if (name.starts_with("MANIFEST")) return "MANIFEST";
  return "other file";
}

// RocksDB sleeps for a second after a background job failed; tests have no time for that.
class SleeplessClock final : public rocksdb::SystemClockWrapper {
 public:
  SleeplessClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "SleeplessClock"; }
  void SleepForMicroseconds(int /*micros*/) override {}
};

class FaultEnv final : public rocksdb::EnvWrapper {
 public:
  explicit FaultEnv(std::unique_ptr<rocksdb::Env>&& env) : EnvWrapper(std::move(env)) {
    system_clock_ = std::make_shared<SleeplessClock>();
  }
};

struct PlannedFault {
  DiskFault fault;
  std::uint64_t wait;   // operations that still succeed
  std::uint64_t times;  // operations that fail after that
};

}  // namespace

struct FaultFileSystem::State {
  // A file system that orders data before sizes leaves no garbage at the end of a file, and RocksDB
  // relies on that for its MANIFEST: behind garbage it refuses to open. Of the other files all
  // tails are tried.
  State(std::string attic, std::uint64_t seed)
      : random(seed), disk(std::move(attic), [](const std::string& path) {
          return kind_of(path) != "MANIFEST";
        }) {}

  // Runs a change of the disk, unless the power goes before it; one at a time, so that the order is
  // that of the disk.
  template <class Change>
  IOStatus change(const std::string& what, const std::string& path, const Change& run) {
    const std::lock_guard lock(mutex);
    if (cut) return power_is_off();
    if (cut_in == 0 || --cut_in > 0) return run();
    cut = true;
    ++counts["cuts at " + what + " of " + kind_of(path)];
    if (random() % 2 == 0) static_cast<void>(run());
    return power_is_off();
  }

  // The first of these faults whose time has come. The lock is held.
  std::optional<DiskFault> next_fault(std::initializer_list<DiskFault> possible) {
    for (PlannedFault& planned : faults) {
      if (planned.times == 0) continue;
      if (std::find(possible.begin(), possible.end(), planned.fault) == possible.end()) continue;
      if (planned.wait > 0) {
        --planned.wait;
        continue;
      }
      --planned.times;
      constexpr const char* kNames[] = {"write errors",
                                        "full disks",
                                        "sync errors",
                                        "read errors",
                                        "short reads",
                                        "flipped bits",
                                        "flipped bits at opening"};
      ++counts[kNames[static_cast<int>(planned.fault)]];
      return planned.fault;
    }
    return std::nullopt;
  }

  // What becomes of bytes that were read.
  IOStatus read(Slice* result, char* scratch, bool at_opening) {
    const std::lock_guard lock(mutex);
    if (cut) return power_is_off();
    if (result->empty()) return IOStatus::OK();
    const auto fault =
        next_fault({DiskFault::read_error, DiskFault::short_read,
                    at_opening ? DiskFault::flipped_bit_at_opening : DiskFault::flipped_bit});
    if (!fault) return IOStatus::OK();
    if (*fault == DiskFault::read_error) return IOStatus::IOError("injected while reading");
    if (*fault == DiskFault::short_read) {
      *result = Slice(result->data(), random() % result->size());
      return IOStatus::OK();
    }
    if (result->data() != scratch) std::memmove(scratch, result->data(), result->size());
    const std::size_t at = random() % result->size();
    scratch[at] = static_cast<char>(scratch[at] ^ (1 << random() % 8));
    *result = Slice(scratch, result->size());
    return IOStatus::OK();
  }

  mutable std::mutex mutex;  // guards all below
  std::mt19937_64 random;
  CrashDisk disk;
  Counts counts;
  std::uint64_t cut_in = 0;  // 0 = no cut is planned
  bool cut = false;
  std::vector<PlannedFault> faults;
};

namespace {

template <class State>
class FaultyWritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyWritableFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, std::string path,
                     std::shared_ptr<State> state)
      : FSWritableFileOwnerWrapper(std::move(file)),
        path_(std::move(path)),
        state_(std::move(state)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* dbg) override {
    return state_->change("write", path_, [&] {
      const auto fault = state_->next_fault({DiskFault::write_error, DiskFault::no_space});
      if (!fault) return target()->Append(data, options, dbg);
      const Slice part(data.data(), state_->random() % (data.size() + 1));
      static_cast<void>(target()->Append(part, options, dbg));
      return *fault == DiskFault::no_space ? IOStatus::NoSpace("injected while writing")
                                           : IOStatus::IOError("injected while writing");
    });
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*info*/, IODebugContext* dbg) override {
    return Append(data, options, dbg);
  }
  IOStatus Sync(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    return state_->change("sync", path_, [&] {
      if (state_->next_fault({DiskFault::sync_error})) {
        state_->disk.sync_failed(path_);
        return IOStatus::IOError("injected while syncing");
      }
      state_->disk.synced(path_);
      return IOStatus::OK();
    });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override {
    return Sync(options, dbg);
  }
  // Neither makes anything durable, and both cost time.
  IOStatus RangeSync(std::uint64_t /*offset*/, std::uint64_t /*bytes*/,
                     const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    return IOStatus::OK();
  }
  void PrepareWrite(std::size_t /*offset*/, std::size_t /*bytes*/, const IOOptions& /*options*/,
                    IODebugContext* /*dbg*/) override {}

 private:
  const std::string path_;
  const std::shared_ptr<State> state_;
};

template <class State>
class FaultyRandomFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  FaultyRandomFile(std::unique_ptr<rocksdb::FSRandomAccessFile>&& file,
                   std::shared_ptr<State> state)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), state_(std::move(state)) {}

  IOStatus Read(std::uint64_t offset, std::size_t bytes, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* dbg) const override {
    const IOStatus read = target()->Read(offset, bytes, options, result, scratch, dbg);
    return read.ok() ? state_->read(result, scratch, false) : read;
  }
  IOStatus MultiRead(rocksdb::FSReadRequest* requests, std::size_t count, const IOOptions& options,
                     IODebugContext* dbg) override {
    for (std::size_t i = 0; i < count; ++i) {
      rocksdb::FSReadRequest& request = requests[i];
      request.status =
          Read(request.offset, request.len, options, &request.result, request.scratch, dbg);
    }
    return IOStatus::OK();
  }

 private:
  const std::shared_ptr<State> state_;
};

template <class State>
class FaultySequentialFile final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FaultySequentialFile(std::unique_ptr<rocksdb::FSSequentialFile>&& file,
                       std::shared_ptr<State> state)
      : FSSequentialFileOwnerWrapper(std::move(file)), state_(std::move(state)) {}

  IOStatus Read(std::size_t bytes, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* dbg) override {
    const IOStatus read = target()->Read(bytes, options, result, scratch, dbg);
    return read.ok() ? state_->read(result, scratch, true) : read;
  }

 private:
  const std::shared_ptr<State> state_;
};

template <class State>
class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory>&& directory, std::string path,
                  std::shared_ptr<State> state)
      : FSDirectoryWrapper(std::move(directory)),
        path_(std::move(path)),
        state_(std::move(state)) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*dbg*/) override {
    return state_->change("sync of the folder", path_, [&] {
      if (state_->next_fault({DiskFault::sync_error}))
        return IOStatus::IOError("injected while syncing the folder");
      state_->disk.folder_synced(path_);
      return IOStatus::OK();
    });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* dbg,
                               const rocksdb::DirFsyncOptions& /*reason*/) override {
    return Fsync(options, dbg);
  }

 private:
  const std::string path_;
  const std::shared_ptr<State> state_;
};

}  // namespace

class FaultFileSystem::Files final : public rocksdb::FileSystemWrapper {
 public:
  explicit Files(std::shared_ptr<State> state)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), state_(std::move(state)) {}

  const char* Name() const override { return "FaultFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* dbg) override {
    return state_->change("creation", path, [&] {
      if (state_->next_fault({DiskFault::no_space}))
        return IOStatus::NoSpace("injected while making a file");
      state_->disk.create(path);
      std::unique_ptr<rocksdb::FSWritableFile> file;
      const IOStatus made = target()->NewWritableFile(path, options, &file, dbg);
      if (made.ok())
        *result = std::make_unique<FaultyWritableFile<State>>(std::move(file), path, state_);
      return made;
    });
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              IODebugContext* dbg) override {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    const IOStatus opened = target()->ReopenWritableFile(path, options, &file, dbg);
    if (opened.ok())
      *result = std::make_unique<FaultyWritableFile<State>>(std::move(file), path, state_);
    return opened;
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext* dbg) override {
    std::unique_ptr<rocksdb::FSRandomAccessFile> file;
    const IOStatus opened = target()->NewRandomAccessFile(path, options, &file, dbg);
    if (opened.ok()) *result = std::make_unique<FaultyRandomFile<State>>(std::move(file), state_);
    return opened;
  }
  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext* dbg) override {
    std::unique_ptr<rocksdb::FSSequentialFile> file;
    const IOStatus opened = target()->NewSequentialFile(path, options, &file, dbg);
    if (opened.ok())
      *result = std::make_unique<FaultySequentialFile<State>>(std::move(file), state_);
    return opened;
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* dbg) override {
    std::unique_ptr<rocksdb::FSDirectory> directory;
    const IOStatus opened = target()->NewDirectory(path, options, &directory, dbg);
    if (opened.ok())
      *result = std::make_unique<FaultyDirectory<State>>(std::move(directory), path, state_);
    return opened;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* dbg) override {
    const IOStatus there = target()->FileExists(path, options, dbg);
    if (!there.ok()) return there;
    return state_->change("removal", path, [&] {
      state_->disk.remove(path);
      return IOStatus::OK();
    });
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* dbg) override {
    const IOStatus there = target()->FileExists(from, options, dbg);
    if (!there.ok()) return there;
    return state_->change("renaming", to, [&] {
      state_->disk.rename(from, to);
      return IOStatus::OK();
    });
  }

 private:
  const std::shared_ptr<State> state_;
};

FaultFileSystem::FaultFileSystem(std::string attic, std::uint64_t seed) {
  std::filesystem::create_directories(attic);
  state_ = std::make_shared<State>(std::move(attic), seed);
  env_ = std::make_unique<FaultEnv>(rocksdb::NewCompositeEnv(std::make_shared<Files>(state_)));
}

FaultFileSystem::~FaultFileSystem() = default;

rocksdb::Env* FaultFileSystem::env() const { return env_.get(); }

void FaultFileSystem::cut_power_at(std::uint64_t operations) {
  const std::lock_guard lock(state_->mutex);
  state_->cut_in = operations;
}

bool FaultFileSystem::is_cut() const {
  const std::lock_guard lock(state_->mutex);
  return state_->cut;
}

void FaultFileSystem::lose_power() {
  const std::lock_guard lock(state_->mutex);
  state_->disk.lose_power(state_->random, state_->counts);
  state_->cut = false;
  state_->cut_in = 0;
}

void FaultFileSystem::inject(DiskFault fault, std::uint64_t first, std::uint64_t times) {
  const std::lock_guard lock(state_->mutex);
  state_->faults.push_back({fault, first - 1, times});
}

void FaultFileSystem::heal() {
  const std::lock_guard lock(state_->mutex);
  state_->faults.clear();
}

Counts FaultFileSystem::counts() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts;
}

}  // namespace factum::test
