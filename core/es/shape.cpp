#include "core/es/shape.hpp"

namespace factum {
namespace {

// Builds a tree of shapes; every optional is visited, every list and map has one element.
class ShapeBuilder : public FieldVisitor {
 public:
  Shape take() { return std::move(root_); }

  Visit begin_field(const Field& field, bool optional, bool /*present*/) override {
    add(field, optional);
    return Visit::present;
  }
  Visit begin_sealed(const Field& field, SealState& /*state*/, const Uuid& /*subject*/) override {
    add(field, true);
    return Visit::present;
  }
  void end_field() override { path_.pop_back(); }

  void text(std::string& /*value*/, const Limits& limits) override {
    leaf(ShapeKind::text, limits);
  }
  void integer(std::int64_t& /*value*/, const Limits& limits) override {
    leaf(ShapeKind::integer, limits);
  }
  void wide_integer(Int128& /*value*/) override { leaf(ShapeKind::wide_integer, {}); }
  void number(double& /*value*/) override { leaf(ShapeKind::number, {}); }
  void boolean(bool& /*value*/) override { leaf(ShapeKind::boolean, {}); }
  void uuid(Uuid& /*value*/, std::string_view kind) override {
    leaf(ShapeKind::uuid, {});
    here().id_kind = kind;
  }
  void timestamp(Timestamp& /*value*/) override { leaf(ShapeKind::timestamp, {}); }
  void date(Date& /*value*/) override { leaf(ShapeKind::date, {}); }
  void money(Money& /*value*/) override { leaf(ShapeKind::money, {}); }
  void symbol(std::size_t& /*index*/, std::span<const std::string_view> names) override {
    leaf(ShapeKind::symbol, {});
    here().symbols.assign(names.begin(), names.end());
  }
  void sealed_ref(SealedRef& /*value*/) override { leaf(ShapeKind::sealed, {}); }
  void begin_object() override { leaf(ShapeKind::object, {}); }
  void end_object() override {}
  std::size_t begin_list(std::size_t /*size*/, const Limits& limits) override {
    begin_collection(ShapeKind::list, limits);
    return 1;
  }
  void next_element(std::size_t /*index*/) override {}
  void end_list() override { path_.pop_back(); }
  std::vector<std::string> begin_map(std::vector<std::string> /*keys*/,
                                     const Limits& limits) override {
    begin_collection(ShapeKind::map, limits);
    return {"key"};
  }
  void next_key(const std::string& /*key*/) override {}
  void end_map() override { path_.pop_back(); }

 private:
  Shape& here() { return path_.empty() ? root_ : *path_.back(); }

  void leaf(ShapeKind kind, const Limits& limits) {
    here().kind = kind;
    here().limits = limits;
  }

  // The fields of an object are kept in one vector; only its last element grows, so pointers into
  // it stay valid.
  void add(const Field& field, bool optional) {
    auto& fields = here().fields;
    fields.push_back({std::string(field.name),
                      std::string(field.doc),
                      field.data_class,
                      std::string(field.owner),
                      field.is_tag,
                      optional,
                      {}});
    path_.push_back(&fields.back().shape);
  }

  void begin_collection(ShapeKind kind, const Limits& limits) {
    leaf(kind, limits);
    auto element = std::make_shared<Shape>();
    Shape* inner = element.get();
    here().element = std::move(element);
    path_.push_back(inner);
  }

  Shape root_;
  std::vector<Shape*> path_;
};

}  // namespace

Shape shape_by(const std::function<void(FieldVisitor&)>& visit) {
  ShapeBuilder builder;
  visit(builder);
  return builder.take();
}

}  // namespace factum
