// SPDX-License-Identifier: Apache-2.0
#include "arrow.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "names.h"

namespace pymsg {
namespace {

constexpr std::int64_t kNullable = 2;  // ARROW_FLAG_NULLABLE

struct Field {
  const char* name;
  const char* format;
  std::int64_t flags;
};
constexpr std::array<Field, 9> kFields{{{"seq", "l", 0},
                                        {"sender", "l", 0},
                                        {"created_at", "tsm:UTC", 0},
                                        {"kind", "c", 0},  // into a dictionary of texts
                                        {"content", "U", 0},
                                        {"reply_to", "l", kNullable},
                                        {"edited_at", "tsm:UTC", kNullable},
                                        {"deleted", "b", 0},
                                        {"version", "l", 0}}};

/// What belongs to one ArrowSchema or ArrowArray. Its children are its own; a consumer may move
/// them out, which leaves ones without a release.
template <class T>
struct Owned {
  std::shared_ptr<const MessageTable> table{};
  std::vector<const void*> buffers{};
  std::vector<T> values{};
  std::vector<T*> children{};
  std::unique_ptr<T> dictionary{};
};

template <class T>
void release(T* self) {
  const std::unique_ptr<Owned<T>> owned(static_cast<Owned<T>*>(self->private_data));
  for (T& child : owned->values) {
    if (child.release != nullptr) child.release(&child);
  }
  if (owned->dictionary && owned->dictionary->release != nullptr) {
    owned->dictionary->release(owned->dictionary.get());
  }
  self->release = nullptr;
}

template <class T>
void give_children(T& self, Owned<T>& owned) {
  for (T& child : owned.values) owned.children.push_back(&child);
  self.n_children = static_cast<std::int64_t>(owned.children.size());
  self.children = owned.children.data();
}

ArrowSchema plain_schema(const Field& field) {
  return {.format = field.format,
          .name = field.name,
          .metadata = nullptr,
          .flags = field.flags,
          .n_children = 0,
          .children = nullptr,
          .dictionary = nullptr,
          .release = release<ArrowSchema>,
          .private_data = new Owned<ArrowSchema>};
}

ArrowArray plain_array(std::int64_t length, std::int64_t nulls, std::vector<const void*> buffers,
                       const std::shared_ptr<const MessageTable>& table) {
  auto* owned = new Owned<ArrowArray>{.table = table, .buffers = std::move(buffers)};
  return {.length = length,
          .null_count = nulls,
          .offset = 0,
          .n_buffers = static_cast<std::int64_t>(owned->buffers.size()),
          .n_children = 0,
          .buffers = owned->buffers.data(),
          .children = nullptr,
          .dictionary = nullptr,
          .release = release<ArrowArray>,
          .private_data = owned};
}

/// The names of the kinds, as an array of texts.
ArrowArray kind_names(const std::shared_ptr<const MessageTable>& table) {
  struct Texts {
    std::string bytes{};
    std::vector<std::int32_t> offsets{0};
  };
  static const auto* texts = [] {
    auto* made = new Texts;
    for (const auto name : Names<msg::MessageKind>::names) {
      made->bytes += name;
      made->offsets.push_back(static_cast<std::int32_t>(made->bytes.size()));
    }
    return made;
  }();
  const auto count = static_cast<std::int64_t>(Names<msg::MessageKind>::names.size());
  return plain_array(count, 0, {nullptr, texts->offsets.data(), texts->bytes.data()}, table);
}

struct Stream {
  std::shared_ptr<const MessageTable> table;
  bool given{false};
};

int next_of_stream(ArrowArrayStream* self, ArrowArray* out) {
  auto& stream = *static_cast<Stream*>(self->private_data);
  if (stream.given) {
    *out = {};  // the end
  } else {
    export_array(stream.table, out);
  }
  stream.given = true;
  return 0;
}

}  // namespace

void export_schema(ArrowSchema* out) {
  *out = plain_schema({"", "+s", 0});
  auto& owned = *static_cast<Owned<ArrowSchema>*>(out->private_data);
  for (const Field& field : kFields) owned.values.push_back(plain_schema(field));
  ArrowSchema& kind = owned.values[3];
  auto& of_kind = *static_cast<Owned<ArrowSchema>*>(kind.private_data);
  of_kind.dictionary = std::make_unique<ArrowSchema>(plain_schema({"", "u", 0}));
  kind.dictionary = of_kind.dictionary.get();
  give_children(*out, owned);
}

void export_array(const std::shared_ptr<const MessageTable>& table, ArrowArray* out) {
  const MessageTable& t = *table;
  const std::int64_t n = t.size();
  const auto column = [&](const void* data) { return plain_array(n, 0, {nullptr, data}, table); };
  *out = plain_array(n, 0, {nullptr}, table);
  auto& owned = *static_cast<Owned<ArrowArray>*>(out->private_data);
  owned.values = {
      column(t.seq.data()),
      column(t.sender.data()),
      column(t.created_at.data()),
      column(t.kind.data()),
      plain_array(n, 0, {nullptr, t.content_offsets.data(), t.content.data()}, table),
      plain_array(n, n - t.reply_count, {t.reply_bits.data(), t.reply_to.data()}, table),
      plain_array(n, n - t.edited_count, {t.edited_bits.data(), t.edited_at.data()}, table),
      column(t.deleted_bits.data()),
      column(t.version.data())};
  ArrowArray& kind = owned.values[3];
  auto& of_kind = *static_cast<Owned<ArrowArray>*>(kind.private_data);
  of_kind.dictionary = std::make_unique<ArrowArray>(kind_names(table));
  kind.dictionary = of_kind.dictionary.get();
  give_children(*out, owned);
}

void export_stream(const std::shared_ptr<const MessageTable>& table, ArrowArrayStream* out) {
  *out = {.get_schema =
              [](ArrowArrayStream* /*self*/, ArrowSchema* schema) {
                export_schema(schema);
                return 0;
              },
          .get_next = next_of_stream,
          .get_last_error = [](ArrowArrayStream* /*self*/) -> const char* { return nullptr; },
          .release =
              [](ArrowArrayStream* self) {
                delete static_cast<Stream*>(self->private_data);
                self->release = nullptr;
              },
          .private_data = new Stream{.table = table}};
}

}  // namespace pymsg
