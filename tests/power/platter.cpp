// SPDX-License-Identifier: Apache-2.0
#include "power/platter.h"

#include <algorithm>

namespace msg::power {
namespace {

constexpr std::size_t kSector = 512;

std::string parent_of(const std::string& name) {
  const auto slash = name.rfind('/');
  return slash == std::string::npos ? "" : name.substr(0, slash);
}

/// 0 to n, both included.
std::size_t pick(std::mt19937& random, std::size_t n) {
  return std::uniform_int_distribution<std::size_t>(0, n)(random);
}

}  // namespace

std::string_view to_string(Cut cut) {
  switch (cut) {
    case Cut::drop_all:
      return "drop_all";
    case Cut::keep_all:
      return "keep_all";
    case Cut::torn_sector:
      return "torn_sector";
    case Cut::torn_byte:
      return "torn_byte";
    case Cut::only_names:
      return "only_names";
    case Cut::only_last:
      return "only_last";
    case Cut::random:
      return "random";
  }
  return "?";
}

void Platter::take(const Step& step) {
  ++steps_;
  if (step.changes_names()) {
    rename_in(names_, step);
    name_steps_.push_back(step);
    next_file_ = std::max(next_file_, step.file + 1);
    if (step.kind == Step::Kind::create) {
      files_[step.file].in_order = !in_order_.empty() && step.name.contains(in_order_);
    }
    return;
  }
  switch (step.kind) {
    case Step::Kind::write:
    case Step::Kind::truncate:
      files_[step.file].pieces.push_back({.step = step, .number = steps_});
      break;
    case Step::Kind::sync: {
      auto& [in_order, bytes, pieces] = files_[step.file];
      std::mt19937 unused;
      for (auto& piece : pieces) {
        if (piece.state == State::pending) piece.state = State::safe;
      }
      const auto unsafe = std::ranges::find(pieces, State::doomed, &Piece::state);
      for (auto piece = pieces.begin(); piece != unsafe; ++piece) {
        put(bytes, piece->step, {.kind = Share::Kind::all}, unused);
      }
      pieces.erase(pieces.begin(), unsafe);
      break;
    }
    case Step::Kind::failed_sync:
      for (auto& piece : files_[step.file].pieces) {
        if (piece.state == State::pending) piece.state = State::doomed;
      }
      break;
    case Step::Kind::sync_directory:
      std::erase_if(name_steps_, [&](const Step& change) {
        if (parent_of(change.name) != step.name) return false;
        rename_in(safe_names_, change);
        return true;
      });
      break;
    default:
      break;
  }
}

void Platter::rename_in(Names& names, const Step& step) {
  switch (step.kind) {
    case Step::Kind::create:
      names[step.name] = step.file;
      break;
    case Step::Kind::make_directory:
      names.emplace(step.name, kDirectory);
      break;
    case Step::Kind::remove:
      names.erase(step.name);
      break;
    case Step::Kind::rename:
      if (auto entry = names.extract(step.name)) names[step.to] = entry.mapped();
      break;
    default:
      break;
  }
}

void Platter::put(std::string& bytes, const Step& step, const Share& share, std::mt19937& random) {
  if (share.kind == Share::Kind::nothing) return;
  if (step.kind == Step::Kind::truncate) {
    bytes.resize(step.offset);
    return;
  }
  const std::size_t size = share.kind == Share::Kind::first_bytes ? share.bytes : step.bytes.size();
  bytes.resize(std::max(bytes.size(), step.offset + size));
  for (std::size_t from = 0; from < size;) {
    // To the end of the sector of the file that it begins in.
    const std::size_t to = std::min(size, from + kSector - (step.offset + from) % kSector);
    const bool kept = share.kind == Share::Kind::some_sectors ? pick(random, 1) == 1
                                                              : share.kind != Share::Kind::zeros;
    if (kept) bytes.replace(step.offset + from, to - from, step.bytes, from, to - from);
    from = to;
  }
}

std::size_t Platter::last_write() const {
  std::size_t last = 0;
  for (const auto& [number, file] : files_) {
    for (const auto& piece : file.pieces) {
      const bool counts = piece.state != State::safe && piece.step.kind == Step::Kind::write;
      if (counts) last = std::max(last, piece.number);
    }
  }
  return last;
}

Platter::Names Platter::names_after(Cut cut, std::mt19937& random) const {
  std::size_t kept = name_steps_.size();
  if (cut == Cut::drop_all) kept = 0;
  if (cut == Cut::random) kept = pick(random, name_steps_.size());
  Names names = safe_names_;
  for (const Step& step : name_steps_) {
    if (kept-- == 0) break;
    rename_in(names, step);
  }
  return names;
}

Platter::Share Platter::share_of(const Step& step, bool is_last, Cut cut, std::mt19937& random) {
  using Kind = Share::Kind;
  switch (cut) {
    case Cut::drop_all:
    case Cut::only_names:
      return {.kind = Kind::nothing};
    case Cut::only_last:
      return {.kind = is_last ? Kind::all : Kind::nothing};
    case Cut::torn_sector:
      if (!is_last) return {.kind = Kind::all};
      return {.kind = Kind::first_bytes,
              .bytes = pick(random, step.bytes.size() / kSector) * kSector};
    case Cut::torn_byte:
      if (!is_last) return {.kind = Kind::all};
      return {.kind = Kind::first_bytes, .bytes = pick(random, step.bytes.size())};
    case Cut::random:
      switch (pick(random, 5)) {
        case 0:
        case 1:
          return {.kind = Kind::nothing};
        case 2:
          return {.kind = Kind::some_sectors};
        case 3:
          return {.kind = Kind::zeros};
        default:
          return {.kind = Kind::all};
      }
    case Cut::keep_all:
      return {.kind = Kind::all};
  }
  return {};
}

std::string Platter::what_is_left(const File& file, std::size_t last, Cut cut,
                                  std::mt19937& random) {
  if (cut == Cut::random && file.in_order) return beginning_of(file, random);
  std::string bytes = file.bytes;
  for (const auto& [step, number, state] : file.pieces) {
    const Share share = state == State::safe ? Share{.kind = Share::Kind::all}
                                             : share_of(step, number == last, cut, random);
    put(bytes, step, share, random);
  }
  return bytes;
}

std::string Platter::beginning_of(const File& file, std::mt19937& random) {
  std::string bytes = file.bytes;
  const auto whole = static_cast<std::ptrdiff_t>(pick(random, file.pieces.size()));
  const bool zeros = pick(random, 1) == 1;
  for (auto piece = file.pieces.begin(); piece != file.pieces.end(); ++piece) {
    const auto place = piece - file.pieces.begin();
    Share share{.kind = zeros ? Share::Kind::zeros : Share::Kind::nothing};
    if (piece->state == State::safe || place < whole) share.kind = Share::Kind::all;
    if (share.kind == Share::Kind::nothing && place == whole) {
      share = {.kind = Share::Kind::first_bytes, .bytes = pick(random, piece->step.bytes.size())};
    }
    put(bytes, piece->step, share, random);
  }
  return bytes;
}

Image Platter::image(Cut cut, std::mt19937& random) const {
  const std::size_t last = last_write();
  std::map<int, std::string> contents;
  for (const auto& [number, file] : files_) {
    contents[number] = what_is_left(file, last, cut, random);
  }
  Image image;
  for (const auto& [name, file] : names_after(cut, random)) {
    image[name] = file == kDirectory ? std::nullopt : std::optional(contents[file]);
  }
  return image;
}

}  // namespace msg::power
