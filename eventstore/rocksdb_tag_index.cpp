#include "eventstore/rocksdb_tag_index.hpp"

#include "eventstore/bytes.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <optional>

namespace factum {
namespace {

constexpr std::size_t kCodeBytes = 2;
constexpr std::size_t kPositionBytes = 8;
// Up to this many steps are cheaper than one seek.
constexpr int kStepsBeforeSeek = 8;
// Up to this many types are asked for one by one, without looking which of them a tag has.
constexpr std::size_t kTypesAskedBlindly = 8;
// Of a tag with few positions all are gathered at once, by one iterator instead of one per type.
constexpr std::size_t kGatheredMax = 256;
constexpr std::size_t kGatheringSeeksMax = 64;

std::string posting_key(std::string_view tag, std::uint16_t code, std::uint64_t position) {
  std::string key;
  tag_index_key(tag, code, Position(position), key);
  return key;
}

// The positions of one tag and one type.
class PostingCursor final : public PositionCursor {
 public:
  PostingCursor(const Database& database, std::string_view tag, std::uint16_t code,
                const IndexRange& range)
      : backwards_(range.backwards),
        key_(posting_key(tag, code, range.from)),
        lower_(key_),
        upper_(posting_key(tag, code, range.to)),
        lower_slice_(lower_) {
    // The upper bound is exclusive: one zero byte behind the last key wanted.
    upper_.push_back('\0');
    upper_slice_ = rocksdb::Slice(upper_);
    rocksdb::ReadOptions options;
    options.iterate_lower_bound = &lower_slice_;
    options.iterate_upper_bound = &upper_slice_;
    iterator_.reset(database.db().NewIterator(options, database.family(Family::tags)));
    if (backwards_) {
      iterator_->SeekToLast();
    } else {
      iterator_->SeekToFirst();
    }
    load();
  }

  bool valid() const override { return valid_; }
  std::uint64_t position() const override { return position_; }
  void next() override {
    if (backwards_) {
      iterator_->Prev();
    } else {
      iterator_->Next();
    }
    load();
  }

  void seek(std::uint64_t target) override {
    for (int i = 0; i < kStepsBeforeSeek; ++i) {
      if (!valid_ || reached(target)) return;
      next();
    }
    if (!valid_ || reached(target)) return;
    key_.resize(key_.size() - kPositionBytes);
    ByteWriter(key_).u64(target);
    if (backwards_) {
      iterator_->SeekForPrev(key_);
    } else {
      iterator_->Seek(key_);
    }
    load();
  }

  Status status() const override {
    if (!iterator_->status().ok()) return fail(error_of(iterator_->status()));
    return {};
  }

 private:
  bool reached(std::uint64_t target) const {
    return backwards_ ? position_ <= target : position_ >= target;
  }
  void load() {
    valid_ = iterator_->Valid();
    if (!valid_) return;
    const std::string_view key = iterator_->key().ToStringView();
    position_ = ByteReader(key.substr(key.size() - kPositionBytes)).u64();
  }

  const bool backwards_;
  std::string key_;
  const std::string lower_;
  std::string upper_;
  const rocksdb::Slice lower_slice_;
  rocksdb::Slice upper_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  bool valid_ = false;
  std::uint64_t position_ = 0;
};

// Positions that were gathered, in the order of the cursor.
class GatheredCursor final : public PositionCursor {
 public:
  GatheredCursor(std::vector<std::uint64_t> positions, bool backwards)
      : positions_(std::move(positions)), backwards_(backwards) {}

  bool valid() const override { return at_ < positions_.size(); }
  std::uint64_t position() const override { return positions_[at_]; }
  void next() override { ++at_; }
  void seek(std::uint64_t target) override {
    while (valid() && (backwards_ ? position() > target : position() < target)) ++at_;
  }
  Status status() const override { return {}; }

 private:
  const std::vector<std::uint64_t> positions_;
  const bool backwards_;
  std::size_t at_ = 0;
};

using Cursors = std::vector<std::unique_ptr<PositionCursor>>;

Status first_error(const Cursors& cursors) {
  for (const auto& cursor : cursors) FACTUM_CHECK(cursor->status());
  return {};
}

// Positions that all cursors have: each jumps to where the others are, so that the rarest one
// decides the cost.
class IntersectionCursor final : public PositionCursor {
 public:
  explicit IntersectionCursor(Cursors cursors) : cursors_(std::move(cursors)) { agree(); }

  bool valid() const override { return valid_; }
  std::uint64_t position() const override { return cursors_.front()->position(); }
  void next() override {
    cursors_.front()->next();
    agree();
  }
  void seek(std::uint64_t target) override {
    cursors_.front()->seek(target);
    agree();
  }
  Status status() const override { return first_error(cursors_); }

 private:
  void agree() {
    valid_ = cursors_.front()->valid();
    for (std::size_t agreed = 1, i = 1; valid_ && agreed < cursors_.size(); ++i) {
      PositionCursor& other = *cursors_[i % cursors_.size()];
      const std::uint64_t wanted = cursors_[(i - 1) % cursors_.size()]->position();
      other.seek(wanted);
      valid_ = other.valid();
      agreed = valid_ && other.position() == wanted ? agreed + 1 : 1;
    }
  }

  Cursors cursors_;
  bool valid_ = false;
};

// Positions that any cursor has, each once.
class UnionCursor final : public PositionCursor {
 public:
  UnionCursor(Cursors cursors, bool backwards)
      : cursors_(std::move(cursors)), backwards_(backwards) {
    choose();
  }

  bool valid() const override { return chosen_ != nullptr; }
  std::uint64_t position() const override { return chosen_->position(); }
  void next() override {
    const std::uint64_t passed = position();
    for (const auto& cursor : cursors_) {
      if (cursor->valid() && cursor->position() == passed) cursor->next();
    }
    choose();
  }
  void seek(std::uint64_t target) override {
    for (const auto& cursor : cursors_) {
      if (cursor->valid()) cursor->seek(target);
    }
    choose();
  }
  Status status() const override { return first_error(cursors_); }

 private:
  void choose() {
    chosen_ = nullptr;
    for (const auto& cursor : cursors_) {
      if (!cursor->valid()) continue;
      const bool nearer =
          chosen_ == nullptr || (backwards_ ? cursor->position() > chosen_->position()
                                            : cursor->position() < chosen_->position());
      if (nearer) chosen_ = cursor.get();
    }
  }

  Cursors cursors_;
  const bool backwards_;
  PositionCursor* chosen_ = nullptr;
};

// The least of the wanted codes (empty = every one) from `least` on.
std::optional<std::uint16_t> next_code(const std::vector<std::uint16_t>& wanted,
                                       std::uint32_t least) {
  if (least > UINT16_MAX) return std::nullopt;
  if (wanted.empty()) return static_cast<std::uint16_t>(least);
  const auto next = std::lower_bound(wanted.begin(), wanted.end(), least);
  return next == wanted.end() ? std::nullopt : std::optional(*next);
}

// The entries of one tag: by type, then by position.
class TagEntries {
 public:
  TagEntries(const Database& database, std::string_view tag)
      : tag_(tag), upper_(std::string(tag) + '\x01'), upper_slice_(upper_) {
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &upper_slice_;
    iterator_.reset(database.db().NewIterator(options, database.family(Family::tags)));
  }
  TagEntries(const TagEntries&) = delete;  // the iterator points to the bound
  TagEntries& operator=(const TagEntries&) = delete;

  void seek(std::uint16_t code, std::uint64_t position) {
    iterator_->Seek(posting_key(tag_, code, position));
    load();
  }
  void next() {
    iterator_->Next();
    load();
  }
  bool valid() const { return iterator_->Valid(); }
  std::uint16_t code() const { return code_; }
  std::uint64_t position() const { return position_; }
  Status status() const {
    if (!iterator_->status().ok()) return fail(error_of(iterator_->status()));
    return {};
  }

 private:
  void load() {
    if (!iterator_->Valid()) return;
    ByteReader entry(iterator_->key().ToStringView().substr(tag_.size() + 1));
    code_ = entry.u16();
    position_ = entry.u64();
  }

  const std::string tag_;
  const std::string upper_;
  const rocksdb::Slice upper_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::uint16_t code_ = 0;
  std::uint64_t position_ = 0;
};

// The type codes a tag has, among `wanted` (empty = every one), in one seek per code.
Result<std::vector<std::uint16_t>> codes_of(const Database& database, const std::string& tag,
                                            const std::vector<std::uint16_t>& wanted) {
  TagEntries entries(database, tag);
  std::vector<std::uint16_t> codes;
  for (auto least = next_code(wanted, 0); least;) {
    entries.seek(*least, 0);
    if (!entries.valid()) break;
    const std::uint16_t found = entries.code();
    if (wanted.empty() || std::binary_search(wanted.begin(), wanted.end(), found))
      codes.push_back(found);
    least = next_code(wanted, found + 1U);
  }
  FACTUM_CHECK(entries.status());
  return codes;
}

// The type codes that all tags of an item may have in common.
Result<std::vector<std::uint16_t>> common_codes(const Database& database,
                                                const ResolvedItem& item) {
  std::vector<std::uint16_t> codes = item.codes;
  if (!codes.empty() && codes.size() <= kTypesAskedBlindly) return codes;
  for (const std::string& tag : item.tags) {
    FACTUM_TRY(codes, codes_of(database, tag, codes));
    if (codes.empty()) break;
  }
  return codes;
}

// The positions of one tag and these types (empty = every one); absent if they are many.
Result<std::optional<std::vector<std::uint64_t>>> gather(const Database& database,
                                                         const std::string& tag,
                                                         const std::vector<std::uint16_t>& wanted,
                                                         const IndexRange& range) {
  TagEntries entries(database, tag);
  std::vector<std::uint64_t> positions;
  auto code = next_code(wanted, 0);
  for (std::size_t seeks = 0; code; ++seeks) {
    if (seeks == kGatheringSeeksMax) return std::optional<std::vector<std::uint64_t>>();
    entries.seek(*code, range.from);
    while (entries.valid() && entries.code() == *code && entries.position() <= range.to) {
      if (positions.size() == kGatheredMax) return std::optional<std::vector<std::uint64_t>>();
      positions.push_back(entries.position());
      entries.next();
    }
    if (!entries.valid()) break;
    code = next_code(wanted, entries.code() + (entries.code() == *code ? 1U : 0U));
  }
  FACTUM_CHECK(entries.status());
  std::sort(positions.begin(), positions.end());
  if (range.backwards) std::reverse(positions.begin(), positions.end());
  return std::optional(std::move(positions));
}

// One cursor over all positions of a small tag, else one per type, each over the positions that all
// tags of the item share.
Status add_item(const Database& database, const ResolvedItem& item, const IndexRange& range,
                Cursors& cursors) {
  if (item.tags.size() == 1) {
    FACTUM_TRY(auto positions, gather(database, item.tags.front(), item.codes, range));
    if (positions) {
      cursors.push_back(std::make_unique<GatheredCursor>(std::move(*positions), range.backwards));
      return {};
    }
  }
  FACTUM_TRY(const auto codes, common_codes(database, item));
  for (const std::uint16_t code : codes) {
    Cursors of_tags;
    for (const std::string& tag : item.tags)
      of_tags.push_back(std::make_unique<PostingCursor>(database, tag, code, range));
    if (of_tags.size() == 1) {
      cursors.push_back(std::move(of_tags.front()));
    } else {
      cursors.push_back(std::make_unique<IntersectionCursor>(std::move(of_tags)));
    }
  }
  return {};
}

}  // namespace

void tag_index_key(std::string_view tag, std::uint16_t type_code, Position position,
                   std::string& key) {
  key.clear();
  key.reserve(tag.size() + 1 + kCodeBytes + kPositionBytes);
  ByteWriter writer(key);
  writer.raw(tag);
  writer.u8(0);
  writer.u16(type_code);
  writer.u64(position.value());
}

Result<std::unique_ptr<PositionCursor>> open_tag_cursor(const Database& database,
                                                        const ResolvedQuery& query,
                                                        const IndexRange& range) {
  Cursors cursors;
  for (const ResolvedItem& item : query.items)
    FACTUM_CHECK(add_item(database, item, range, cursors));
  FACTUM_CHECK(first_error(cursors));
  if (cursors.size() == 1) return std::move(cursors.front());
  return std::unique_ptr<PositionCursor>(
      std::make_unique<UnionCursor>(std::move(cursors), range.backwards));
}

}  // namespace factum
