/** The emoji one meets in practice; any other shows as its name. */

const LIST = `
+1 👍 -1 👎 100 💯 alarm_clock ⏰ arrow_down ⬇️ arrow_right ➡️ arrow_up ⬆️ ballot_box_with_check ☑️
beers 🍻 bell 🔔 blue_heart 💙 boom 💥 bug 🐛 bulb 💡 calendar 📅 checkered_flag 🏁 clap 👏
clipboard 📋 clock1 🕐 closed_lock_with_key 🔐 cloud ☁️ coffee ☕ computer 💻 confetti_ball 🎊
confused 😕 construction 🚧 cry 😢 dart 🎯 desktop 🖥️ disappointed 😞 dizzy 💫 email 📧 envelope ✉️
exclamation ❗ eyes 👀 face_palm 🤦 file_folder 📁 fire 🔥 floppy_disk 💾 gear ⚙️ ghost 👻 gift 🎁
green_heart 💚 grin 😁 grinning 😀 grimacing 😬 hammer 🔨 hammer_and_wrench 🛠️ handshake 🤝 heart ❤️
heart_eyes 😍 heavy_check_mark ✔️ hourglass ⌛ hourglass_flowing_sand ⏳ hugging 🤗
incoming_envelope 📨 information_source ℹ️ interrobang ⁉️ joy 😂 key 🔑 label 🏷️ laughing 😆 link 🔗
lock 🔒 loudspeaker 📢 mag 🔍 mailbox 📫 man 👨 memo 📝 microscope 🔬 muscle 💪 mute 🔇 neutral_face 😐
new 🆕 no_entry ⛔ no_entry_sign 🚫 ok 🆗 ok_hand 👌 open_mouth 😮 orange_circle 🟠 package 📦
paperclip 📎 party 🥳 pencil 📝 pencil2 ✏️ pensive 😔 point_down 👇 point_right 👉 point_up ☝️ pray 🙏
purple_circle 🟣 purple_heart 💜 pushpin 📌 question ❓ rage 😡 raised_hand ✋ raised_hands 🙌
recycle ♻️ red_circle 🔴 relaxed ☺️ repeat 🔁 robot 🤖 rocket 🚀 rofl 🤣 rotating_light 🚨
round_pushpin 📍 satellite 📡 scream 😱 shield 🛡️ ship 🚢 shrug 🤷 slight_smile 🙂 slight_frown 🙁
smile 😄 smiley 😃 smirk 😏 snail 🐌 sob 😭 sos 🆘 sparkles ✨ speech_balloon 💬 star ⭐ star2 🌟
stopwatch ⏱️ sunglasses 😎 sweat_smile 😅 tada 🎉 thinking 🤔 thumbsdown 👎 thumbsup 👍
telephone ☎️ telephone_receiver 📞 tools 🛠️ triangular_flag_on_post 🚩 truck 🚚 trophy 🏆 turtle 🐢
unamused 😒 unlock 🔓 warning ⚠️ wave 👋 white_check_mark ✅ white_circle ⚪ white_heart 🤍 wink 😉
wrench 🔧 x ❌ yellow_circle 🟡 yellow_heart 💛 yum 😋 zap ⚡ zzz 💤
`;

const SIGNS = new Map();
const words = LIST.trim().split(/\s+/);
for (let at = 0; at < words.length; at += 2) SIGNS.set(words[at], words[at + 1]);

/** Offered under every message. */
export const QUICK = ["thumbsup", "white_check_mark", "eyes", "tada", "heart", "thinking", "x"];

/** Return the sign of an emoji, or `:name:` if there is none here. */
export function emojiSign(name) {
  return SIGNS.get(name) ?? `:${name}:`;
}
