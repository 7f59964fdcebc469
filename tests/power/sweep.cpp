// SPDX-License-Identifier: Apache-2.0
#include "power/sweep.h"

#include <filesystem>
#include <functional>
#include <random>
#include <utility>

#include "power/checker.h"
#include "power/disk.h"

namespace msg::power {
namespace {

std::size_t hash_of(const Image& image) {
  std::size_t hash = image.size();
  for (const auto& [name, bytes] : image) {
    for (const std::size_t part : {std::hash<std::string>{}(name),
                                   bytes ? std::hash<std::string>{}(*bytes) : std::size_t{1}}) {
      hash ^= part + 0x9E3779B97F4A7C15U + (hash << 6U) + (hash >> 2U);
    }
  }
  return hash;
}

}  // namespace

void Sweep::cut(const Platter& platter, const Ledger& ledger, Position position, Cut how,
                unsigned variant) {
  ++cuts_;
  std::seed_seq seeds{seed_, static_cast<unsigned>(position), static_cast<unsigned>(how), variant};
  std::mt19937 random(seeds);
  const Image image = platter.image(how, random);
  const Ledger known = ledger.as_of(position);
  if (!images_.emplace(hash_of(image), known.weight()).second) return;
  const std::filesystem::path folder = make_folder();
  write_image(image, folder);
  const auto complaints = check_store(url_of(kind_, folder.string()), known);
  if (!complaints.empty()) {
    std::string finding = "power cut after step " + std::to_string(position) + ", " +
                          std::string(to_string(how)) + " " + std::to_string(variant) + ", seed " +
                          std::to_string(seed_) + ":";
    for (const auto& complaint : complaints) finding += "\n  " + complaint;
    std::filesystem::remove_all(folder);
    if (keeps_images_) {  // as it was before the check
      std::filesystem::create_directory(folder);
      write_image(image, folder);
      finding += "\n  the image: " + folder.string();
    }
    findings_.push_back(std::move(finding));
  } else {
    std::filesystem::remove_all(folder);
  }
}

void Sweep::cut_in_every_way(const Platter& platter, const Ledger& ledger, Position position,
                             unsigned randoms) {
  for (const Cut how : {Cut::drop_all, Cut::keep_all, Cut::torn_sector, Cut::torn_byte,
                        Cut::only_names, Cut::only_last}) {
    cut(platter, ledger, position, how);
  }
  for (unsigned variant = 0; variant < randoms; ++variant) {
    cut(platter, ledger, position, Cut::random, variant);
  }
}

}  // namespace msg::power
