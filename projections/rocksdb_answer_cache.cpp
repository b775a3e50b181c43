// RocksDB's sharded LRU cache, holding rendered answers instead of blocks.
#include "projections/answer_cache.hpp"

#include <rocksdb/cache.h>

#include <utility>

namespace factum::projections {
namespace {

using Shared = std::shared_ptr<const RenderedAnswer>;

void forget(const rocksdb::Slice& /*request*/, void* value) {
  const std::unique_ptr<Shared> owner(static_cast<Shared*>(value));
}

class LruAnswerCache final : public AnswerCache {
 public:
  explicit LruAnswerCache(std::size_t bytes) : cache_(rocksdb::NewLRUCache(bytes)) {}

  Shared find(std::string_view request) const override {
    rocksdb::Cache::Handle* found = cache_->Lookup(rocksdb::Slice(request));
    if (found == nullptr) return nullptr;
    Shared answer = *static_cast<Shared*>(cache_->Value(found));
    cache_->Release(found);
    return answer;
  }

  void keep(std::string_view request, RenderedAnswer answer) override {
    const std::size_t bytes =
        request.size() + answer.row_key.size() + answer.row.size() + answer.json.size();
    auto shared = std::make_unique<Shared>(std::make_shared<RenderedAnswer>(std::move(answer)));
    // The cache owns the value from here on, also when it has no room for it.
    cache_->Insert(rocksdb::Slice(request), shared.release(), bytes, &forget)
        .PermitUncheckedError();
  }

  void clear() override { cache_->EraseUnRefEntries(); }

 private:
  const std::shared_ptr<rocksdb::Cache> cache_;
};

}  // namespace

std::unique_ptr<AnswerCache> make_answer_cache(std::size_t bytes) {
  return std::make_unique<LruAnswerCache>(bytes);
}

}  // namespace factum::projections
